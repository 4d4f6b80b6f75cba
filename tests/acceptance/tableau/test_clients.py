"""Tableau's own clients, unmodified: each call that sql/TABLEAU.md lists, against a real node."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest
import tableauserverclient as TSC  # noqa: N812  # as its own examples have it
from tableauserverclient.server.endpoint.exceptions import (
    JobCancelledException,
    JobFailedException,
)

from support.checkout import SQL
from support.nodes.processes import wait_until
from support.pages import python_blocks
from support.tableau.front import HOOK, Front

pytestmark = pytest.mark.usefixtures("newest_only")
PAGE = SQL / "TABLEAU.md"
EXTRACTS = ["Broken", "Sales", "Sales", "Stock"]


def started(server: TSC.Server, answer: bytes) -> TSC.JobItem:
    """Return the job in what `tasks.run` gives back, which is XML."""
    return TSC.JobItem.from_response(answer, server.namespace)[0]


def refusal(call: Callable[[], object]) -> str:
    """Return Tableau's code with which a call is refused."""
    with pytest.raises(TSC.ServerResponseError) as error:
        call()
    return str(error.value.code)


def test_jobs_are_started_waited_for_and_found(front: Front) -> None:
    """By their tasks; also one that fails, whose notes say why."""
    with front.signed_in("acme_operator") as server:
        tasks, pagination = server.tasks.get()
        names = {source.id: source.name for source in TSC.Pager(server.datasources)}
        of = {names[task.target.id]: task for task in reversed(tasks)}
        job = server.jobs.wait_for_job(started(server, server.tasks.run(of["Sales"])))
        with pytest.raises(JobFailedException) as failed:
            server.jobs.wait_for_job(started(server, server.tasks.run(of["Broken"])))
        found = server.jobs.filter(status="Failed", title="Broken", priority__lte=0)
        counted = server.jobs.filter(
            job_type__in=["refresh_extracts", "run_flow"], created_at__gte="2020-01-01T00:00:00Z"
        )
        options = TSC.RequestOptions(pagesize=1)
        options.sort.add(TSC.Sort("createdAt", TSC.RequestOptions.Direction.Asc))
        ordered = [each.created_at for each in TSC.Pager(server.jobs, options)]

        extra = front.cluster.verbs.task("full_extract", title="Old", site="acme")
        (old,) = (each for each in server.tasks.get()[0] if each.id not in {t.id for t in tasks})
        server.tasks.delete(old.id)
        assert refusal(lambda: server.tasks.get_by_id(old.id)) == "404026"
        kept = front.cluster.verbs.values("select id from pgdispatch.task where id = %s", extra)

        assert kept == []
        assert sorted(names[task.target.id] for task in tasks) == EXTRACTS
        assert pagination.total_available == 4
        assert {task.schedule_item.name for task in tasks} == {"nightly"}
        assert server.tasks.get_by_id(of["Sales"].id).target.id == of["Sales"].target.id
        assert (job.finish_code, job.progress, job.datasource_name) == (0, "100", "Sales")
        assert failed.value.notes is not None
        assert failed.value.notes[0] == "ValueError: cannot work on Broken"
        assert failed.value.job.id in [each.id for each in found]
        assert len(counted) >= 2
        assert ordered == sorted(ordered)
        assert len(ordered) >= 2


def test_datasources_and_workbooks_are_refreshed_once_at_a_time(front: Front) -> None:
    """A second one is none (409093); one that runs is cancelled, and so is one that waits."""
    with front.signed_in("acme_operator") as server:
        (stock,) = server.datasources.filter(name="Stock", project_name="Default")
        (book,) = server.workbooks.filter(name="Stock")
        job = server.datasources.refresh(stock)
        assert job is not None
        second = server.workbooks.refresh(book)
        wait_until(lambda: server.jobs.get_by_id(job.id).started_at is not None)
        running = next(each for each in server.jobs.filter(status="InProgress"))
        server.jobs.cancel(job.id)
        with pytest.raises(JobCancelledException):
            server.jobs.wait_for_job(job)
        again = refusal(lambda: server.jobs.cancel(job.id))
        front.cluster.verbs.run("select pgdispatch.pause('site', 'acme')")
        waiting = server.datasources.refresh(stock)
        assert waiting is not None
        server.jobs.cancel(waiting.id)
        with pytest.raises(JobCancelledException):
            server.jobs.wait_for_job(waiting)
        front.cluster.verbs.run("select pgdispatch.end_pause('site', 'acme')")
        (sales,) = server.datasources.filter(name="Sales")
        partly = server.jobs.wait_for_job(server.datasources.refresh(sales, incremental=True))
        listed = [each.type for each in server.jobs.filter(title="Sales, new")]

        assert second is None
        assert running.id == job.id
        assert again == "403091"
        assert partly.finish_code == 0
        assert listed == ["increment_extracts"]
        assert refusal(lambda: server.datasources.refresh(stock, incremental=True)) == "404026"


def test_flows_linked_tasks_and_subscriptions(front: Front) -> None:
    """Run, waited for, cancelled, and seen with their steps."""
    with front.signed_in("acme_operator") as server:
        (clean,) = server.flows.filter(name="Clean")
        job = server.flows.refresh(clean)
        run = server.flow_runs.wait_for_job(job.flow_run.id)
        runs = [each.id for each in server.flow_runs.filter(flow_id=clean.id, status="Success")]
        ((linked,), pagination) = server.linked_tasks.get()
        whole = server.linked_tasks.get_by_id(linked.id)
        front.cluster.verbs.run("select pgdispatch.pause('site', 'acme')")
        begun = server.linked_tasks.run_now(linked)
        server.flow_runs.cancel(begun.id)
        front.cluster.verbs.run("select pgdispatch.end_pause('site', 'acme')")
        ((letter,), _) = server.subscriptions.get()

        assert (run.status, run.flow_id, run.background_job_id) == ("Success", clean.id, job.id)
        assert runs == [run.id]
        assert (linked.num_steps, pagination.total_available, whole.id) == (2, 1, linked.id)
        assert begun.linked_task_id == linked.id
        assert server.flow_runs.get_by_id(begun.id).status == "Cancelled"
        assert letter.subject == "Weekly <numbers>"
        assert server.subscriptions.get_by_id(letter.id).schedule_id == letter.schedule_id


def test_schedules_are_made_changed_and_deleted_by_operators_of_all_sites(front: Front) -> None:
    """Each kind of frequency comes back as it was given."""
    kinds = {
        "every 15": TSC.HourlyInterval(time(6, 0), time(22, 0), 0.25),
        "every 2 hours": TSC.HourlyInterval(time(6, 0), time(22, 0), 2),
        "daily": TSC.DailyInterval(time(3, 30)),
        "weekly": TSC.WeeklyInterval(time(4, 0), "Monday", "Friday"),
        "monthly": TSC.MonthlyInterval(time(5, 0), (1, "LastDay")),
        "second": TSC.MonthlyInterval(time(5, 0), ("Second", "Tuesday")),
    }
    item = TSC.ScheduleItem
    news = [
        item(name, 20, item.Type.Extract, item.ExecutionOrder.Serial, interval)
        for name, interval in kinds.items()
    ]
    with front.signed_in("acme_operator") as server:
        forbidden = refusal(lambda: server.schedules.create(news[0]))
        extracts, _ = server.schedules.get_extract_refresh_tasks(server.schedules.get()[0][0].id)
    with front.signed_in("all_operator") as server:
        made = [server.schedules.create(new) for new in news]
        taken = refusal(lambda: server.schedules.create(news[0]))
        seen = [server.schedules.get_by_id(each.id).interval_item for each in made]
        changed = server.schedules.get_by_id(made[2].id)
        changed.name, changed.priority = "daily, later", 7
        changed.interval_item = TSC.DailyInterval(time(4, 30))
        changed.state = item.State.Suspended
        server.schedules.update(changed)
        after = server.schedules.get_by_id(changed.id)
        for each in made:
            server.schedules.delete(each.id)
        left = [each.name for each in server.schedules.get()[0]]

    assert (forbidden, taken) == ("403004", "409021")
    assert len(extracts) == 4
    assert [str(each) for each in seen] == [
        "<HourlyInterval start=06:00:00 end=22:00:00 interval=(0.25,)>",
        "<HourlyInterval start=06:00:00 end=22:00:00 interval=('2',)>",
        "<DailyInterval start=03:30:00 interval=()>",
        "<WeeklyInterval start=04:00:00 interval=('Monday', 'Friday')>",
        "<MonthlyInterval start=05:00:00 interval=('1', 'LastDay')>",
        "<MonthlyInterval start=05:00:00 interval=('Second', 'Tuesday')>",
    ]
    assert (after.name, after.priority, after.state) == ("daily, later", 7, "Suspended")
    assert str(after.interval_item.start_time) == "04:30:00"
    assert left == ["nightly"]


def test_webhooks_go_to_targets_that_the_console_was_told_of(front: Front) -> None:
    """Never to an address that a client makes up; a rule is what they are."""
    rules = "select what, target, site, type from pgdispatch.notice_rule order by type"
    asked = TSC.WebhookItem()
    asked.name, asked.event, asked.url = "mine", "datasource-refresh-failed", HOOK
    with front.signed_in("acme_operator") as server:
        made = server.webhooks.create(asked)
        kept = front.cluster.verbs.rows(rules)
        twice = refusal(lambda: server.webhooks.create(asked))
        ((listed,), _) = server.webhooks.get()
        told = server.webhooks.test(made.id).content
        server.webhooks.delete(made.id)
        asked.url = "https://elsewhere.example.com/"
        strange = refusal(lambda: server.webhooks.create(asked))
        asked.url, asked.event = HOOK, "view-deleted"
        unknown = refusal(lambda: server.webhooks.create(asked))

    types = ("extract_creation", "full_extract", "incremental_extract")
    assert [tuple(row.values()) for row in kept] == [
        ("failure", "ops", "acme", name) for name in types
    ]
    assert (listed.id, listed.url, listed.event) == (made.id, HOOK, "datasource-refresh-failed")
    assert b"is on its way" in told
    assert (twice, strange, unknown) == ("409000", "403004", "400008")
    assert front.cluster.verbs.rows(rules) == []
    what = "select what from pgdispatch.notice where target = 'ops' and site = 'acme'"
    assert front.cluster.verbs.values(what) == ["test"]


def test_sites_users_and_projects(front: Front) -> None:
    """One's own, and those alone."""
    with front.signed_in("acme_operator") as server:
        site = server.sites.get_by_id(server.site_id)
        by_name = server.sites.get_by_name("acme")
        sites, _ = server.sites.get()
        user = server.users.get_by_id(server.user_id)
        (project,) = TSC.Pager(server.projects)
    with front.signed_in("all_operator", "") as server:
        all_sites = sorted(each.name for each in server.sites.get()[0])
        role = server.users.get_by_id(server.user_id).site_role

    assert (site.name, site.content_url, by_name.id) == ("acme", "acme", site.id)
    assert [each.name for each in sites] == ["acme"]
    assert (user.name, user.site_role) == ("acme_operator", "SiteAdministratorExplorer")
    assert project.name == "Default"
    assert (all_sites, role) == (["acme", "default", "globex"], "ServerAdministrator")


def test_tabcmd_refreshes_and_waits(front: Front) -> None:
    """And lists; `runschedule` is not among its commands, as it says itself."""
    done = front.tabcmd("refreshextracts", "--datasource", "Sales", "--synchronous")
    unknown = front.tabcmd("runschedule", "nightly")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "finish_code(0)" in done.stderr
    assert "invalid choice: 'runschedule'" in unknown.stderr


def test_the_script_of_the_page_runs_failed_tasks_again(front: Front, tmp_path: Path) -> None:
    """As it stands there: thirty lines, a token, nothing of ours."""
    (script,) = python_blocks(PAGE)
    broken = front.cluster.verbs.value("select id from pgdispatch.task where title = 'Broken'")
    front.cluster.ended(front.cluster.verbs.value("select pgdispatch.run_now(%s)", broken))
    _, secret = front.token("acme_operator", "script")
    (tmp_path / "again.py").write_text(script)
    ran = subprocess.run(
        [sys.executable, str(tmp_path / "again.py")],
        env={
            **os.environ,
            "TABLEAU_SERVER": front.console.address,
            "TABLEAU_SITE": "acme",
            "TABLEAU_TOKEN_NAME": "script",
            "TABLEAU_TOKEN": secret,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert "Broken" in ran.stdout.splitlines()[0]
    assert ran.stdout.splitlines()[-1].startswith("again: Broken")
    assert len([line for line in script.splitlines() if line.strip()]) <= 33
