"""Things are renamed and deleted with what goes along, and never under a job that goes by them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from support.rights.two_sites import Sites, acting_as
from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

CONSEQUENCES = "select what, how_many, becomes from pgdispatch.consequences(%s, %s, %s)"
PLAIN = {
    "site": "update pgdispatch.site set name = 'other' where name = 'acme'",
    "schedule": "update pgdispatch.schedule set name = 'other' where name = 'nightly'",
    "job type": "update pgdispatch.job_type set name = 'other' where name = 'brew'",
}
VERB = {
    "site": "select pgdispatch.rename('site', 'acme', 'other')",
    "schedule": "select pgdispatch.rename('schedule', 'nightly', 'other')",
    "job type": "select pgdispatch.rename('job type', 'brew', 'other')",
}


@pytest.fixture
def estate(verbs: Verbs) -> Verbs:
    """Give a site, a schedule, a type and a node that are used by two tasks and a linked task."""
    verbs.site("acme", daily_seconds=1000)
    verbs.run("insert into pgdispatch.site_timeout values ('acme', 'flow', '2 h')")
    verbs.run("insert into pgdispatch.job_type (name) values ('brew')")
    verbs.run("insert into pgdispatch.node (name, only_types) values ('etl', '{brew,flow}')")
    verbs.schedule("nightly", "parallel", recurrence="daily at 02:00")
    verbs.task("brew", site="acme", schedule="nightly", datasource="x")
    flow = verbs.task("flow", site="acme")
    linked = verbs.add("linked_task", title="all", site="acme", schedule="nightly")
    verbs.add("linked_task_step", "step", linked_task=linked, step=1, task=flow)
    return verbs


def names(verbs: Verbs) -> dict[str, list[Any]]:
    """Return every name that refers to a site, schedule or type."""
    return {
        column: verbs.values(
            f"select distinct {column} from (select site, type, schedule from pgdispatch.task "
            "union all select site, 'flow', schedule from pgdispatch.linked_task "
            "union all select site, type, null from pgdispatch.site_timeout) as x "
            f"where {column} is not null order by 1"
        )
        for column in ("site", "type", "schedule")
    }


def refused(verbs: Verbs, statement: str) -> tuple[str | None, str | None, str | None]:
    """Return SQLSTATE, message and detail of a refusal."""
    with pytest.raises(psycopg.Error) as caught:
        verbs.run(statement)
    diag = caught.value.diag
    return caught.value.sqlstate, diag.message_primary, diag.message_detail


@pytest.mark.parametrize("form", [PLAIN, VERB], ids=["plain", "verb"])
def test_what_refers_to_a_renamed_thing_follows(
    estate: Verbs, clock: Clock, form: dict[str, str]
) -> None:
    """It is no edit of the tasks: their failures still count; and one change is noted for each."""
    streak = "select array_agg(streak_since) from pgdispatch.task"
    estate.run("update pgdispatch.task set streak_since = '2026-01-01' where id = 1")
    estate.run("insert into pgdispatch.suspension values (1, 5, 1, null, now())")
    estate.run("insert into pgdispatch.charge values ('acme', pgdispatch.now(), 400)")
    estate.run("insert into pgdispatch.deferral (gate, refill_at) values ('site/acme', 'infinity')")
    estate.run("insert into pgdispatch.node (name, except_types) values ('rest', '{flow,brew}')")
    before, last = estate.value(streak), estate.value("select max(id) from pgdispatch.change")
    clock.advance(60)

    for kind in ("site", "schedule", "job type"):
        estate.run(form[kind])

    assert names(estate) == {
        "site": ["other"],
        "type": ["flow", "other"],
        "schedule": ["other"],
    }
    limits = "select only_types || except_types from pgdispatch.node order by name"
    assert estate.values(limits) == [["other", "flow"], ["flow", "other"]]
    assert estate.values("select gate from pgdispatch.deferral") == ["site/other"]
    assert estate.value("select spent_seconds from pgdispatch.site_budget('other')") == 400
    assert estate.value(streak) == before
    assert estate.values("select task from pgdispatch.suspension") == [1]
    noted = estate.rows(
        "select what, kind, name from pgdispatch.change where id > %s order by id", last
    )
    assert [tuple(row.values()) for row in noted if row["kind"] != "node"] == [
        ("rename", kind, "other") for kind in ("site", "schedule", "job type")
    ]
    assert estate.job("other", site="other", task=1) > 0


@pytest.mark.parametrize("state", ["waiting", "running"])
def test_nothing_is_renamed_or_deleted_under_a_job(estate: Verbs, state: str) -> None:
    """It says which job; when it has ended it works, and the history keeps the name."""
    job = estate.job("brew", task=1, site="acme")
    if state == "running":
        assert estate.claim() == job

    for statement in (*PLAIN.values(), *VERB.values(), "select pgdispatch.delete('site', 'acme')"):
        sqlstate, message, detail = refused(estate, statement)
        assert (sqlstate, detail) == ("JD004", f"job {job}"), statement
        assert str(message).endswith(": jobs of it wait or run")

    estate.cancel(job)
    if state == "running":
        estate.run("select pgdispatch.fail(%s, 1, 'stopped')", job)
    for statement in PLAIN.values():
        estate.run(statement)
    past = estate.past(job)
    assert (past["site"], past["schedule"], past["type"]) == ("acme", "nightly", "brew")


def test_deleted_things_take_along_what_was_said(estate: Verbs) -> None:
    """The look says it, and changes nothing; then it is so."""
    estate.add("notice_rule", what="failure", target="ops", site="acme")
    for scope, name in (("schedule", "nightly"), ("site", "acme")):
        estate.run("select pgdispatch.pause(%s, %s)", scope, name)
    said = {
        (verb, kind): [tuple(row.values()) for row in estate.rows(CONSEQUENCES, verb, kind, name)][
            :-1
        ]
        for verb, kind, name in (
            ("delete", "schedule", "nightly"),
            ("delete", "task", "2"),
            ("delete", "job type", "brew"),
            ("delete", "site", "acme"),
            ("rename", "site", "acme"),
        )
    }
    assert said == {
        ("delete", "schedule"): [
            ("tasks", 1, "stay, without a schedule"),
            ("linked tasks", 1, "stay, without a schedule"),
            ("pause of it", 1, "ends: jobs that wait for it go on"),
        ],
        ("delete", "task"): [("steps", 1, "are in the way")],
        ("delete", "job type"): [
            ("tasks", 1, "are in the way"),
            ("nodes limited by it", 1, "are in the way"),
        ],
        ("delete", "site"): [
            ("tasks", 2, "are deleted"),
            ("linked tasks", 1, "are deleted"),
            ("timeouts", 1, "are deleted"),
            ("notice rules", 1, "are deleted"),
            ("pause of it", 1, "ends"),
        ],
        ("rename", "site"): [
            ("tasks", 2, "follow"),
            ("linked tasks", 1, "follow"),
            ("timeouts", 1, "follow"),
            ("notice rules", 1, "follow"),
            ("pause of it", 1, "follows"),
        ],
    }
    estate.run("select pgdispatch.end_pause('site', 'acme')")
    waiting = estate.job("brew", task=1, site="acme")
    estate.run("select pgdispatch.delete('schedule', 'nightly')")
    assert names(estate)["schedule"] == []
    assert estate.values("select id from pgdispatch.task order by id") == [1, 2]
    estate.run("select pgdispatch.start_backgrounder('etl:1', 4711)")
    assert estate.claim("etl:1") == waiting
    in_the_way = estate.rows(CONSEQUENCES, "delete", "node", "etl")[0]
    assert tuple(in_the_way.values()) == ("jobs that wait or run", 1, "are in the way")
    estate.finish(waiting)
    for kind, name in (("linked task", "1"), ("task", "2"), ("site", "acme")):
        estate.run("select pgdispatch.delete(%s, %s)", kind, name)
    estate.run("select pgdispatch.delete('node', 'etl')")
    assert estate.values("select id from pgdispatch.backgrounder") == []
    estate.run("select pgdispatch.delete('job type', 'brew')")
    assert names(estate) == {"site": [], "type": [], "schedule": []}
    assert estate.past(waiting)["task"] == 1


def test_names_that_are_none_or_taken_are_refused(estate: Verbs) -> None:
    """And so is what there is not, what comes with the package, and a node that is up."""
    estate.site("globex")
    estate.run("select pgdispatch.register_node('up', gen_random_uuid())")
    wrong = {
        "select pgdispatch.rename('site', 'acme', 'globex')": "site globex already exists",
        "select pgdispatch.rename('site', 'acme', '')": "'' is not a name for a site",
        "select pgdispatch.rename('job type', 'brew', 'Tea')": "'Tea' is not a name for a job type",
        "select pgdispatch.rename('site', 'default', 'x')": "site default cannot be deleted or "
        "renamed",
        "select pgdispatch.delete('job type', 'flow')": "job type flow cannot be deleted or"
        " renamed",
        "select pgdispatch.rename('node', 'up', 'down')": "node up is up and cannot be renamed",
        "update pgdispatch.node set name = 'down' where name = 'up'": "node up is up and cannot be"
        " renamed",
        "select pgdispatch.delete('task', '77')": "task 77 does not exist",
        "select pgdispatch.delete('setting', 'tie_break')": "there is no kind 'setting' to delete",
    }

    assert {statement: refused(estate, statement)[1] for statement in wrong} == wrong
    estate.run("select pgdispatch.rename('node', 'etl', 'etl-9')")
    estate.run("select pgdispatch.rename('task', '1', 'Tea')")
    assert estate.value("select title from pgdispatch.task where id = 1") == "Tea"


def test_people_of_a_site_delete_and_rename_its_tasks_only(sites: Sites) -> None:
    """Another site's are as if they were not there; what belongs to all sites is not theirs."""
    verbs, acme, globex = sites
    with acting_as(verbs, "acme_operator"):
        verbs.run("select pgdispatch.rename('task', %s, 'Mine')", str(acme.idle_task))
        for kind, number in (("task", globex.idle_task), ("linked task", globex.linked_task)):
            for statement in (
                f"select pgdispatch.delete('{kind}', '{number}')",
                f"select pgdispatch.rename('{kind}', '{number}', 'x')",
                f"select * from pgdispatch.consequences('delete', '{kind}', '{number}')",
            ):
                with verbs.connection.transaction(force_rollback=True):
                    assert refused(verbs, statement)[0] == "JD002"
        for kind in ("site", "schedule", "job type", "node"):
            with verbs.connection.transaction(force_rollback=True):
                assert refused(verbs, f"select pgdispatch.delete('{kind}', 'acme')")[0] == "JD009"
