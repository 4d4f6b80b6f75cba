"""What happens is recorded once for each target that a rule names, with what happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from support.sessions.clock import Clock
from support.sessions.outbox import tell, tend, told
from support.sessions.timetable import change, fail_often, run_job, set_to
from support.sessions.verbs import Verbs


@pytest.fixture
def task(verbs: Verbs, clock: Clock) -> int:
    """Add a task of a site on a schedule, at noon."""
    assert clock
    verbs.site("acme")
    verbs.schedule("hourly")
    return verbs.task(site="acme", title="Sales", schedule="hourly")


def test_nothing_is_recorded_without_a_rule(verbs: Verbs, task: int) -> None:
    """Neither a failure nor what comes of it."""
    fail_often(verbs, task, 5)

    assert told(verbs) == []
    assert tend(verbs) == 0


def test_a_failure_is_told_with_its_job_and_error(verbs: Verbs, task: int) -> None:
    """Once, though two rules name the target; each target by itself; a retry is no failure."""
    tell(verbs, "failure")
    tell(verbs, "failure", site="acme")
    tell(verbs, "failure", "acme-ops", type="full_extract", schedule="hourly")
    change(verbs, "task", "id", task, max_attempts=2)
    first = verbs.run_now(task)
    verbs.claim()
    verbs.fail(first)
    assert told(verbs) == []
    verbs.run("update pgdispatch.job set not_before = null")
    verbs.claim()

    verbs.fail(first, failed_as="timed out")

    text = f"job {first} (Sales) of site acme failed (timed out): boom"
    assert told(verbs, "what", "target", "text", "job", "after") == [
        ("failure", "acme-ops", text, first, 1),
        ("failure", "ops", text, first, 1),
    ]


@pytest.mark.parametrize(
    "other", [{"site": "default"}, {"type": "flow"}, {"schedule": "daily"}, {"after": 2}]
)
def test_a_rule_for_something_else_tells_nothing(
    verbs: Verbs, task: int, other: dict[str, Any]
) -> None:
    """Of another site, type or schedule, or after more failures."""
    verbs.schedule("daily")
    tell(verbs, "failure", **other)

    fail_often(verbs, task, 1)

    assert told(verbs) == []


def test_a_failure_is_told_from_so_many_in_a_row_on(verbs: Verbs, task: int) -> None:
    """Also when several fail in one turn: none is passed over."""
    tell(verbs, "failure", after=3)
    fail_often(verbs, task, 2)
    jobs = [verbs.add("job", task=task) for _ in range(2)]
    started = verbs.turn([1, 2])

    verbs.turn([], [(row["id"], row["attempt"], "error") for row in started])

    assert {job for (job,) in told(verbs, "job")} == set(jobs)


def test_jobs_without_a_task_and_lost_ones_are_told(verbs: Verbs, task: int) -> None:
    """Each is its own first failure; a cancelled one is none."""
    assert task
    set_to(verbs, "max_losses", 1)
    tell(verbs, "failure")
    job = verbs.job(title="once")
    verbs.claim("etl:1")
    verbs.run("select pgdispatch.declare_lost('etl')")
    verbs.cancel(verbs.job())

    assert told(verbs, "text") == [
        (f"job {job} (once) of site default failed (lost): its node was lost 1 times, "
         "the last was etl",)
    ]  # fmt: skip


def test_suspension_and_recovery_are_told_once(verbs: Verbs, clock: Clock, task: int) -> None:
    """The first success after it is what recovers; without a failure told there is none."""
    tell(verbs, "suspension")
    tell(verbs, "recovery")
    other = verbs.task()
    for each in (task, other):
        fail_often(verbs, each, 4)
        clock.advance(1)
    run_job(verbs, other)
    job = run_job(verbs, task, "fail")
    clock.advance(60)
    tend(verbs)

    assert told(verbs, "what", "text") == [
        ("suspension", f"task {task} (Sales) of site acme is suspended after 5 failures in a row: "
         "boom"),
    ]  # fmt: skip
    assert told(verbs, "job", "after") == [(job, 5)]

    verbs.run("select pgdispatch.resume(%s)", task)
    mended = [run_job(verbs, task) for _ in range(2)]
    for _ in range(2):
        clock.advance(60)
        tend(verbs)

    assert told(verbs, "what", "text")[1:] == [
        ("recovery", f"task {task} (Sales) of site acme succeeded again (job {mended[0]})")
    ]


def test_a_task_that_fails_again_recovers_again(verbs: Verbs, clock: Clock, task: int) -> None:
    """A success between two failures recovers from the first only, however late it is seen."""
    tell(verbs, "failure")
    tell(verbs, "recovery")
    for act in ("fail", "finish", "fail"):
        clock.advance(1)
        run_job(verbs, task, act)
    clock.advance(20)
    tend(verbs)
    run_job(verbs, task)
    clock.advance(20)
    tend(verbs)

    assert [what for (what,) in told(verbs, "what")] == ["failure"] * 2 + ["recovery"] * 2


def test_a_lost_node_is_told_once_a_silence(verbs: Verbs, clock: Clock) -> None:
    """Not before somebody has looked for a whole lease: a database that was away loses nobody."""
    tell(verbs, "node_lost")
    mine = verbs.register("etl")
    clock.advance(60)
    tend(verbs)
    assert told(verbs) == []

    for looks in range(9):
        assert looks >= 8 or told(verbs) == []
        verbs.run("select pgdispatch.take_back()")
        clock.advance(2)
        tend(verbs)

    assert told(verbs, "what", "node", "text") == [
        ("node_lost", "etl", "node etl has given no sign of life since 2026-03-02 12:00:00 UTC")
    ]
    verbs.run("select from pgdispatch.heartbeat('etl', %s)", mine)
    for _ in range(9):
        clock.advance(2)
        verbs.run("select pgdispatch.take_back()")
        tend(verbs)
    assert told(verbs, "node") == [("etl",)] * 2


def test_a_late_schedule_is_told_after_so_many_minutes(verbs: Verbs, clock: Clock) -> None:
    """To each target after its own; once for each time that is late."""
    tell(verbs, "schedule_late", "soon")
    tell(verbs, "schedule_late", "late", after=10)
    tell(verbs, "schedule_late", "never", schedule=verbs.schedule("other"))
    verbs.schedule("hourly", recurrence="every 1 hour")
    clock.advance(3600 + 61)
    tend(verbs)
    assert told(verbs, "target", "text") == [("soon", "schedule hourly is 1 minutes late")]

    clock.advance(600)
    tend(verbs)
    verbs.run("select pgdispatch.tick()")
    clock.advance(2)
    tend(verbs)

    assert told(verbs, "target", "after") == [("soon", 1), ("late", 11)]


def test_a_spent_budget_is_told_once_a_day(verbs: Verbs, clock: Clock) -> None:
    """A budget of 0 is meant to be spent."""
    tell(verbs, "budget_spent")
    verbs.site("none", daily_seconds=0)
    verbs.site("acme", daily_seconds=100)
    for _ in range(2):
        job = verbs.job(site="acme")
        verbs.claim()
        clock.advance(120)
        verbs.finish(job)
        for _ in range(2):
            clock.advance(30)
            tend(verbs)
        clock.advance(timedelta(days=1).total_seconds())

    assert told(verbs, "site", "text")[0] == (
        "acme", "site acme has spent its budget of 100 s; it is refilled at 2026-03-03 00:00 UTC",
    )  # fmt: skip
    assert len(told(verbs)) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": "flood"},
        {"what": "node_lost", "site": "default"},
        {"what": "schedule_late", "type": "flow"},
        {"what": "budget_spent", "schedule": "hourly"},
        {"what": "recovery", "after": 2},
        {"target": "two words"},
        {"after": 0},
    ],
)
def test_a_rule_that_could_never_match_is_refused(verbs: Verbs, wrong: dict[str, Any]) -> None:
    """With a hint."""
    verbs.schedule("hourly")

    with pytest.raises(psycopg.Error) as refused:
        verbs.add("notice_rule", **{"what": "failure", "target": "ops", **wrong})

    assert refused.value.sqlstate == "JD001"
    assert refused.value.diag.message_hint
