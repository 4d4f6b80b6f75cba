"""Verbs for many: looked at first, bounded, done to each for itself."""

from __future__ import annotations

import json

import pytest

from pgdispatch_cli import many
from support.cli.command import Finished
from support.cli.command_tree import run_here
from support.servers.embedded import Connect
from support.sessions.timetable import linked_task, run_linked
from support.sessions.verbs import Verbs

pytestmark = pytest.mark.usefixtures("newest_only")


@pytest.fixture
def verbs(database: str, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> Verbs:
    """Give a database with two sites, which the command uses, too."""
    monkeypatch.setenv("PGDISPATCH_DSN", database)
    verbs = Verbs(connect(database))
    verbs.site("acme")
    verbs.site("globex")
    return verbs


def run(*arguments: str, status: int = 0) -> Finished:
    """Run a command, which ends with this status."""
    done = run_here(*arguments)
    assert done.status == status, done.err
    return done


def everything(verbs: Verbs) -> list[object]:
    """Return all that a verb could change."""
    return [
        verbs.rows(f"select * from pgdispatch.{table} order by 1")
        for table in ("job", "job_history", "task", "retry")
    ]


def fail_all(verbs: Verbs, error: str) -> list[int]:
    """Let all that waits fail; return the jobs."""
    jobs = []
    while (job := verbs.claim()) is not None:
        verbs.run("select pgdispatch.fail(%s, 1, %s)", job, error)
        jobs.append(job)
    return jobs


def test_without_yes_they_show_how_many_and_the_first_ten_and_change_nothing(verbs: Verbs) -> None:
    """Whatever the verb."""
    verbs.schedule("nightly")
    for number in range(12):
        verbs.task(site="acme", schedule="nightly", title=f"Load {number}")
        verbs.job(site="acme", title=f"fails {number}")
    fail_all(verbs, "no route to host")
    for number in range(12):
        verbs.job(site="acme", title=f"waits {number}", priority=60)
    verbs.job(site="globex", title="waits elsewhere")
    before = everything(verbs)
    looks = {
        ("cancel", "--title", "WAITS", "--site", "acme"): "12 jobs would be cancelled",
        ("set-priority", "7", "--site", "acme"): "12 jobs would get priority 7",
        ("retry", "--failed", "--since", "1h", "--error", "route"): "12 jobs would be retried",
        ("task", "disable", "--schedule", "nightly"): "12 tasks would be disabled",
    }
    for look, words in looks.items():
        done = run(*look)
        assert f"{words}; do it with --yes" in done.err
        assert "the first 10 of 12" in done.err
        assert len(done.out.splitlines()) == 11

    assert everything(verbs) == before
    assert len(json.loads(run("cancel", "--site", "acme", "--json").out)) == 12


def test_with_yes_all_that_fit_and_no_others_are_done(verbs: Verbs) -> None:
    """Each for itself; what was disabled can be enabled in the same way."""
    for site in ("acme", "globex"):
        for _ in range(3):
            verbs.job(site=site, priority=60)
    one = verbs.task(site="acme", title="Load")
    other = verbs.task(site="globex", title="Load")

    run("set-priority", "7", "--site", "acme", "--yes")
    run("cancel", "--site", "globex", "--waiting", "--yes", "--reason", "wrong month")
    run("task", "disable", "--site", "acme", "--title", "load", "--yes")

    left = verbs.rows("select site, priority from pgdispatch.job")
    assert left == [{"site": "acme", "priority": 7}] * 3
    reasons = verbs.values("select cancel_reason from pgdispatch.job_history")
    assert reasons == ["wrong month"] * 3
    enabled = "select enabled from pgdispatch.task where id = any (%s) order by id"
    assert verbs.values(enabled, [one, other]) == [False, True]
    run("task", "enable", str(one))
    assert verbs.values(enabled, [one, other]) == [True, True]


def test_what_failed_is_retried_but_for_what_has_run_again(verbs: Verbs) -> None:
    """The others are passed over, and it is said how many."""
    tasks = [verbs.task(site="acme", title=f"Load {number}") for number in range(3)]
    for task in tasks:
        verbs.run_now(task)
    failed = fail_all(verbs, "boom")
    again = verbs.run_now(tasks[0])

    done = run("retry", "--failed", "--since", "6h", "--yes", "--as", "anna")

    assert "1 passed over" in done.err
    made = verbs.rows("select job, retry_of from pgdispatch.retry order by retry_of")
    assert [row["retry_of"] for row in made] == failed[1:]
    for row in made:
        assert f"job {row['job']} queued, a retry of job {row['retry_of']}" in done.out
    refused = run("retry", str(failed[1]), str(failed[0]), status=1)
    assert f"job {failed[1]} was retried as job" in refused.err
    assert f"task {tasks[0]} already has job {again}" in refused.err
    show = run("show", str(failed[1])).out
    assert "retried as" in show


@pytest.mark.parametrize(
    "look", [("retry", "--failed-as", "error"), ("set-priority", "7", "--datasource", "sales")]
)
def test_what_is_beyond_the_bound_is_reached_by_doing_it_again(
    verbs: Verbs, monkeypatch: pytest.MonkeyPatch, look: tuple[str, ...]
) -> None:
    """Each time it is others, until none is left; how many are is said."""
    monkeypatch.setattr(many, "AT_ONCE", 3)
    for _ in range(7):
        verbs.job(site="acme", datasource="sales")
    if look[0] == "retry":
        fail_all(verbs, "boom")
    looks: list[str] = []
    done: list[Finished] = []
    for _ in range(4):
        looks.append(run(*look).err.splitlines()[-2 if done and look[0] == "retry" else -1])
        done.append(run(*look, "--yes"))

    would = "would be retried" if look[0] == "retry" else "would get priority 7"
    assert looks == [
        f"7 jobs {would}, 3 at once; do it with --yes",
        f"4 jobs {would}, 3 at once; do it with --yes",
        f"1 job {would}; do it with --yes",
        f"0 jobs {would}",
    ]
    assert [len(one.out.splitlines()) for one in done] == [3, 3, 1, 0]
    assert "4 more fit; do it again for those" in done[0].err
    assert "1 more fit; do it again for those" in done[1].err
    assert "more fit" not in done[2].err
    changed = "select count(*) from pgdispatch.job where priority = 7 or created_by <> inserted_by"
    assert verbs.value(changed) == 7


def test_a_step_of_a_linked_task_is_retried_alone_and_it_is_said(verbs: Verbs) -> None:
    """Before it is done, with what to do instead."""
    linked = linked_task(verbs, *(verbs.task("flow", site="acme") for _ in range(2)), site="acme")
    run_linked(verbs, linked)
    (job,) = fail_all(verbs, "boom")
    for more in ((), ("--yes",)):
        said = run("retry", "--failed", *more).err

        assert f"warning: job {job} is a step of a linked task: it alone is retried" in said
        assert f"hint: for all its steps: pgdispatch linked-task run-now {linked}\n" in said


def test_suspended_tasks_of_a_site_are_resumed(verbs: Verbs) -> None:
    """Those that are not are left alone."""
    verbs.run("update pgdispatch.setting set value = '1' where name = 'suspend_after_failures'")
    for site in ("acme", "globex"):
        verbs.run_now(verbs.task(site=site))
    fail_all(verbs, "boom")
    well = verbs.task(site="acme")

    done = run("task", "resume", "--site", "acme", "--yes")

    assert done.out.count("resumed") == 1
    suspended = "select id from pgdispatch.task where pgdispatch.is_suspended(id)"
    assert len(verbs.values(suspended)) == 1
    assert verbs.value("select streak_since from pgdispatch.task where id = %s", well) is None


@pytest.mark.parametrize(
    "wrong",
    [
        ("cancel",),
        ("cancel", "1", "--site", "acme"),
        ("retry", "--yes"),
        ("set-priority", "7"),
        ("task", "enable"),
    ],
)
def test_it_has_to_be_said_which(verbs: Verbs, wrong: tuple[str, ...]) -> None:
    """By numbers or by options; neither means all."""
    job = verbs.job(site="acme")

    run(*wrong, status=2)

    assert verbs.state(job) == "waiting"


@pytest.mark.usefixtures("verbs")
def test_a_name_that_nobody_has_is_refused() -> None:
    """A slip of the pen is no empty selection."""
    done = run("cancel", "--site", "acne", "--yes", status=1)

    assert "site acne does not exist" in done.err
    assert "did you mean acme?" in done.err


def test_jobs_are_found_by_when_what_and_who(verbs: Verbs) -> None:
    """Attempts by who ran them; the latest ones first, or the largest."""
    verbs.schedule("nightly")
    first = verbs.job(title="Load orders", schedule="nightly", max_attempts=2)
    verbs.claim("etl-1:2")
    verbs.fail(first)
    verbs.run("update pgdispatch.job set not_before = null, state = 'ready'")
    verbs.claim("etl-2:1")
    verbs.finish(first)
    second = verbs.job(title="Other")
    verbs.claim("etl-1:2")
    verbs.fail(second, failed_as="timed out")
    third = verbs.job(title="Third")
    verbs.claim("etl-3:1")
    verbs.requeue(third)
    verbs.cancel(third)
    found = {
        ("--failed-as", "error"): [first],
        ("--failed-as", "error", "--outcome", "failed"): [],
        ("--failed-as", "given back", "--title", "third"): [third],
        ("--failed-as", "lost"): [],
        ("--title", "orders"): [first],
        ("--schedule", "nightly", "--since", "1h"): [first],
        ("--until", "1h"): [],
        ("--failed-as", "timed out"): [second],
        ("--backgrounder", "etl-1:2"): [second, first],
        ("--node", "etl-1", "--failed-as", "error"): [first],
        ("--node", "etl-2"): [first],
        ("--sort", "ran", "--limit", "1", "--since", "00:00"): None,
    }
    for options, jobs in found.items():
        rows = json.loads(run("jobs", "--json", *options).out)
        if jobs is not None:
            assert [row["job"] for row in rows] == jobs, options
    shown = run("show", str(first)).out
    assert "attempts" in shown
    assert " 1  error       etl-1:2" in shown
    assert "no attempt that has ended fits" in run("jobs", "--failed-as", "lost").err
    for wrong in (("--outcome", "failed", "--failed-as", "given back"),
                  ("--outcome", "cancelled", "--failed-as", "error"),
                  ("--failed-as", "error", "--sort", "late")):  # fmt: skip
        run("jobs", *wrong, status=2)


@pytest.mark.parametrize("sort", ["started", "late", "waited", "ran"])
def test_what_jobs_are_sorted_by_is_shown(
    verbs: Verbs, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    """However narrow the terminal; it means the same there as in `show` and `task show`."""
    task = verbs.task(site="acme", title="Load")
    for _ in range(2):
        job = verbs.run_now(task)
        verbs.claim("etl-1:2")
        verbs.requeue(job)
        verbs.claim("etl-1:2")
        verbs.fail(job)
    verbs.run("update pgdispatch.attempt set started_at = started_at - interval '1 minute'")
    view = "select * from pgdispatch.background_task where job = %s"
    first = f"{verbs.row(view, job)['first_started_at']:%H:%M:%S}"
    monkeypatch.setenv("COLUMNS", "80")

    head, *rows = run("jobs", "--sort", sort).out.splitlines()

    assert sort in head.split()
    assert len(head) <= 80
    assert len(rows) == 2
    monkeypatch.delenv("COLUMNS")
    for page in (("jobs",), ("show", str(job)), ("task", "show", str(task))):
        assert first in run(*page).out, page
