"""Backfill: jobs for the past times of a schedule that had none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.timetable import change, fail_often, linked_task, run_clock, set_to, skips
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True
pytestmark = pytest.mark.usefixtures("clock")

HOURLY = "every 1 hour from 00:00 to 23:59"
PREVIEW = "select jobs, served, passed_over from pgdispatch.preview_backfill('hourly', %s, %s)"
BACKFILL = "select * from pgdispatch.backfill('hourly', %s, %s)"


def at(hours: float) -> datetime:
    """Return the instant so many hours after noon."""
    return NOON + timedelta(hours=hours)


def backfill(verbs: Verbs, first: float, last: float) -> list[tuple[Any, Any]]:
    """Backfill from one hour to another; return time and task of each job, by its number."""
    preview = verbs.rows(PREVIEW, at(first), at(last))
    made = verbs.rows(BACKFILL, at(first), at(last))
    if sum(row["jobs"] for row in preview) != len(made):
        raise ValueError(f"the preview said {preview}, and there were {made}")
    return [(row["scheduled_at"], row["task"] or row["linked_task"]) for row in made]


@pytest.fixture
def told(verbs: Verbs) -> list[str | None]:
    """Return what warnings say."""
    said: list[str | None] = []
    verbs.connection.add_notice_handler(lambda about: said.append(about.message_primary))
    return said


def test_backfill_creates_what_each_time_has_not_had(verbs: Verbs, clock: Clock) -> None:
    """Skipped for whatever reason, or not served at all; both ends count; again creates none."""
    verbs.schedule("hourly", recurrence=HOURLY, missed_runs="skip", max_missed_runs=1)
    first = verbs.task(schedule="hourly")
    clock.advance(3600)
    assert run_clock(verbs) == 1
    clock.advance(3600)
    assert (run_clock(verbs), skips(verbs, first)) == (0, [None, "waiting"])
    clock.advance(2 * 3600)
    run_clock(verbs)
    assert skips(verbs, first) == [None, "waiting", "missed", "waiting"]
    verbs.drain()
    added, off = verbs.task(schedule="hourly"), verbs.task(schedule="hourly", enabled=False)

    made = backfill(verbs, 1, 3)

    assert made == [(at(1), added), (at(2), first), (at(2), added), (at(3), first), (at(3), added)]
    assert (skips(verbs, first), skips(verbs, off)) == ([None, None, None, "waiting"], [])
    assert {row["created_by"] for row in verbs.rows("select * from pgdispatch.job")} == {
        "schedule hourly"
    }
    assert backfill(verbs, 1, 3) == []
    verbs.drain()
    assert backfill(verbs, 1, 3) == []
    assert verbs.rows(PREVIEW, at(1), at(2)) == [{"jobs": 0, "served": 2, "passed_over": 0}] * 2
    noted = (
        "select name, (after ->> 'jobs')::integer from pgdispatch.change where what = 'backfill'"
    )
    assert verbs.values(f"select array_agg(x order by x) from ({noted}) as x(n, x)") == [[0, 0, 5]]


def test_backfill_goes_beside_a_job_that_waits_or_runs(verbs: Verbs, clock: Clock) -> None:
    """The clock queues no second one meanwhile, as ever; that time can be made up for, too."""
    verbs.schedule("hourly", recurrence=HOURLY)
    running, waiting = (verbs.task(schedule="hourly") for _ in range(2))
    verbs.run_now(running)
    verbs.claim()
    verbs.run_now(waiting)

    assert backfill(verbs, -2, -1) == [
        (at(hour), task) for hour in (-2, -1) for task in (running, waiting)
    ]
    clock.advance(3600)
    assert run_clock(verbs) == 0
    assert skips(verbs, running)[-1] == skips(verbs, waiting)[-1] == "waiting"
    assert backfill(verbs, 1, 1) == [(at(1), running), (at(1), waiting)]


def test_backfilled_jobs_are_added_late(verbs: Verbs, clock: Clock) -> None:
    """Behind all that was added before; by type among themselves, then the earliest time first."""
    verbs.schedule("hourly", recurrence=HOURLY)
    slow = verbs.task("full_extract", schedule="hourly")
    fast = verbs.task("alert", schedule="hourly")
    clock.advance(1)
    by_hand = verbs.job("full_extract")
    backfill(verbs, -2, -1)
    clock.advance(59)
    next_window = verbs.job("alert")

    queue = verbs.rows("select job, task, scheduled_at from pgdispatch.queue order by position")

    assert [row["job"] for row in queue if row["task"] is None] == [by_hand, next_window]
    assert [(row["task"], row["scheduled_at"]) for row in queue[1:-1]] == [
        (task, at(hour)) for task in (fast, slow) for hour in (-2, -1)
    ]


def test_backfill_passes_over_what_is_suspended(
    verbs: Verbs, clock: Clock, told: list[str | None]
) -> None:
    """It says so; once resumed, the times that it missed are made up for."""
    verbs.schedule("hourly", recurrence=HOURLY)
    task = verbs.task(schedule="hourly")
    set_to(verbs, "suspend_after_failures", 1)
    fail_often(verbs, task, 1)
    clock.advance(3600)
    run_clock(verbs)
    assert skips(verbs, task) == ["suspended"]

    assert backfill(verbs, 1, 1) == []
    assert told == ["tasks of schedule hourly that got no job: 1 suspended"]
    verbs.run("select pgdispatch.resume(%s)", task)
    assert backfill(verbs, 0, 1) == [(at(0), task), (at(1), task)]


def test_backfill_begins_one_run_of_a_linked_task(verbs: Verbs, told: list[str | None]) -> None:
    """The earliest that it has not had; the next one when that has ended."""
    verbs.schedule("hourly", recurrence=HOURLY)
    linked = linked_task(verbs, verbs.task("flow"), schedule="hourly")

    assert backfill(verbs, -2, 0) == [(at(-2), linked)]
    assert told == ["tasks of schedule hourly that got no job: 1 with a job waiting"]
    assert backfill(verbs, -2, 0) == []
    verbs.drain()
    assert backfill(verbs, -2, 0) == [(at(-1), linked)]


@pytest.mark.parametrize(
    ("recurrence", "first", "last", "message"),
    [
        (HOURLY, 0, 0.001, "lies ahead"),
        (HOURLY, 0, -1, "two instants, the earlier first"),
        (HOURLY, None, 0, "two instants, the earlier first"),
        (HOURLY, -24 * 60 - 0.001, -24 * 59, "has been forgotten"),
        (HOURLY, -500, 0, "more than 500 times"),
        ("daily at 12:00", -24 * 51, 0, "52 times of 200 tasks"),
        (None, -1, 0, "has no recurrence"),
        ("", -1, 0, "is disabled"),
    ],
)
def test_backfill_that_cannot_be_is_refused(
    verbs: Verbs, recurrence: str | None, first: float | None, last: float, message: str
) -> None:
    """With what to do; it changes nothing, and the preview says the same."""
    verbs.schedule("hourly", recurrence=recurrence or (HOURLY if recurrence == "" else None))
    verbs.run(
        "insert into pgdispatch.task (title, type, schedule) "
        "select n, 'alert', 'hourly' from generate_series(1, 200) as n"
    )
    change(verbs, "schedule", "name", "hourly", enabled=recurrence != "")
    span = (None if first is None else at(first), at(last))

    for statement in (PREVIEW, BACKFILL):
        with pytest.raises(psycopg.Error, match=message) as refused:
            verbs.rows(statement, *span)
        assert (refused.value.sqlstate, bool(refused.value.diag.message_hint)) == ("JD001", True)
    assert verbs.value("select count(*) from pgdispatch.job") == 0


def test_backfill_of_as_many_as_are_allowed(verbs: Verbs) -> None:
    """500 times, as far back as the occurrences are kept."""
    verbs.schedule("hourly", recurrence=HOURLY)
    verbs.task(schedule="hourly")

    assert len(backfill(verbs, -499, 0)) == 500
    assert len(backfill(verbs, -24 * 60, -24 * 60)) == 1


def test_backfill_of_an_unknown_schedule_is_refused(verbs: Verbs) -> None:
    """SQLSTATE JD002."""
    for statement in (PREVIEW, BACKFILL):
        with pytest.raises(psycopg.Error, match="does not exist") as refused:
            verbs.rows(statement, at(-1), at(0))
        assert refused.value.sqlstate == "JD002"
