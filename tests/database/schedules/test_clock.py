"""The clock fires schedules when they are due, once for each time, and knows when to look again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.timetable import change, next_run, run_clock, set_to, tick
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True

HOUR = timedelta(hours=1)
HOURLY = "every 1 hour from 00:00 to 23:59"


@pytest.fixture
def task(verbs: Verbs, clock: Clock) -> int:
    """Add an hourly schedule, made at noon, and one task of it."""
    assert clock.now == NOON
    verbs.schedule("hourly", recurrence=HOURLY)
    return verbs.task(schedule="hourly")


@pytest.mark.usefixtures("clock")
def test_new_schedule_knows_its_next_run(verbs: Verbs) -> None:
    """Inserted by plain SQL; one without recurrence, or disabled, has none."""
    verbs.schedule("daily", recurrence="daily at 02:30", time_zone="America/New_York")
    verbs.schedule("by hand")
    verbs.schedule("off", recurrence=HOURLY, enabled=False)

    assert next_run(verbs, "daily") == NOON + timedelta(hours=19, minutes=30)
    assert next_run(verbs, "by hand") is None
    assert next_run(verbs, "off") is None


def test_clock_creates_the_jobs_of_a_due_schedule(verbs: Verbs, clock: Clock, task: int) -> None:
    """At its time and not before, for that time, on the schedule's behalf."""
    clock.advance(3599)
    assert tick(verbs) is None
    clock.advance(1.5)

    assert tick(verbs) == 1
    job = verbs.row("select task, scheduled_at, created_by from pgdispatch.job")
    assert job == {"task": task, "scheduled_at": NOON + HOUR, "created_by": "schedule hourly"}
    assert next_run(verbs, "hourly") == NOON + 2 * HOUR
    assert verbs.value("select last_run_at from pgdispatch.schedule") == NOON + HOUR


@pytest.mark.usefixtures("task")
def test_clock_fires_each_time_once(verbs: Verbs, clock: Clock) -> None:
    """However often it is asked."""
    clock.advance(3600)
    assert run_clock(verbs) == 1
    verbs.drain()

    assert [run_clock(verbs) for _ in range(3)] == [0, 0, 0]
    clock.advance(3599)
    assert run_clock(verbs) == 0


@pytest.mark.usefixtures("task")
def test_clock_says_when_to_look_again(verbs: Verbs, clock: Clock) -> None:
    """In seconds until the next schedule is due; null if none ever is."""
    wait = "select wait from pgdispatch.tick()"
    assert verbs.value(wait) == 3600
    verbs.schedule("sooner", recurrence="daily at 12:10")
    assert verbs.value(wait) == 600
    clock.advance(7200)
    assert verbs.value(wait) == 0
    change(verbs, "schedule", "name", "sooner", enabled=False)
    change(verbs, "schedule", "name", "hourly", enabled=False)

    assert verbs.value(wait) is None


def test_longest_due_schedule_is_fired_first(verbs: Verbs, clock: Clock) -> None:
    """One schedule a turn; those due at the same time in the order in which they were added."""
    for name, at in (("late", "12:20"), ("early", "12:10"), ("early too", "12:10")):
        verbs.schedule(name, recurrence=f"daily at {at}")
        verbs.task(schedule=name)
    clock.advance(3600)

    assert run_clock(verbs) == 3
    made = verbs.values("select schedule from pgdispatch.job order by id")
    assert made == ["early", "early too", "late"]


@pytest.mark.parametrize(
    "columns",
    [{"recurrence": "daily at 12:30"}, {"recurrence": HOURLY, "time_zone": "Asia/Kolkata"}],
)
def test_changed_recurrence_counts_at_once(
    verbs: Verbs, clock: Clock, task: int, columns: dict[str, str]
) -> None:
    """A changed row is picked up: noon is 17:30 in Kolkata."""
    change(verbs, "schedule", "name", "hourly", **columns)

    assert next_run(verbs, "hourly") == NOON + timedelta(minutes=30)
    clock.advance(1800)
    assert run_clock(verbs) == 1
    assert verbs.value("select task from pgdispatch.job") == task


@pytest.mark.usefixtures("task")
def test_other_changes_of_a_schedule_leave_its_next_run_alone(verbs: Verbs, clock: Clock) -> None:
    """Even when it is due already: the time is not forgotten."""
    clock.advance(3601)
    change(verbs, "schedule", "name", "hourly", priority=7)

    assert next_run(verbs, "hourly") == NOON + HOUR
    assert run_clock(verbs) == 1


@pytest.mark.usefixtures("task")
def test_schedule_enabled_again_does_not_catch_up(verbs: Verbs, clock: Clock) -> None:
    """What passed while it was disabled was not missed."""
    change(verbs, "schedule", "name", "hourly", enabled=False)
    clock.advance(5 * 3600 + 10)
    assert run_clock(verbs) == 0
    change(verbs, "schedule", "name", "hourly", enabled=True)

    assert run_clock(verbs) == 0
    assert next_run(verbs, "hourly") == NOON + 6 * HOUR


@pytest.mark.usefixtures("task")
def test_clock_that_jumps_ahead_and_back_creates_none_twice(verbs: Verbs, clock: Clock) -> None:
    """What was created for a time that then comes again is all there is for it."""
    clock.advance(3 * 3600)
    assert run_clock(verbs) == 1
    verbs.drain()
    clock.advance(-3 * 3600)
    assert run_clock(verbs) == 0
    assert next_run(verbs, "hourly") == NOON + HOUR
    made = []
    for _ in range(4):
        clock.advance(3600)
        made.append(run_clock(verbs))
        verbs.drain()

    assert made == [1, 1, 0, 1]
    times = "select scheduled_at from pgdispatch.job_history order by 1"
    assert verbs.values(times) == [NOON + n * HOUR for n in range(1, 5)]


@pytest.mark.usefixtures("clock")
def test_time_that_new_rules_of_a_zone_have_put_too_far_ahead_is_corrected_within_the_hour(
    verbs: Verbs,
) -> None:
    """The clock has no reason to look at it before it is due."""
    verbs.schedule("hourly", recurrence=HOURLY)
    change(verbs, "schedule", "name", "hourly", next_run_at=NOON + 5 * HOUR)
    assert run_clock(verbs) == 0
    assert next_run(verbs, "hourly") == NOON + 5 * HOUR

    verbs.run("select pgdispatch.forget()")

    assert next_run(verbs, "hourly") == NOON + HOUR


def test_schedule_that_cannot_be_fired_says_why_and_stops_no_other(
    verbs: Verbs, clock: Clock, task: int
) -> None:
    """Its error stands in last_error until it can be fired again."""
    verbs.schedule("other", recurrence=HOURLY)
    verbs.task(schedule="other")
    verbs.run(
        "create function public.break() returns trigger language plpgsql as "
        f"'begin if new.task = {task} then raise ''broken task''; end if; return new; end'"
    )
    verbs.run("create trigger z_break before insert on pgdispatch.job "
              "for each row execute function public.break()")  # fmt: skip
    error = "select last_error from pgdispatch.schedule where name = 'hourly'"
    clock.advance(3600)

    assert run_clock(verbs) == 1
    assert verbs.value(error) == "broken task"
    verbs.run("drop trigger z_break on pgdispatch.job")
    clock.advance(3600)
    assert run_clock(verbs) == 1
    assert verbs.value(error) is None


@pytest.mark.usefixtures("task")
def test_enabled_tasks_alone_are_run(verbs: Verbs, clock: Clock) -> None:
    """A disabled one leaves no trace; a new one is there at the next time."""
    off = verbs.task(schedule="hourly", enabled=False)
    clock.advance(3600)
    assert run_clock(verbs) == 1
    change(verbs, "task", "id", off, enabled=True)
    verbs.drain()
    clock.advance(3600)

    assert run_clock(verbs) == 2


def test_deleted_task_keeps_its_jobs_and_their_history(
    verbs: Verbs, clock: Clock, task: int
) -> None:
    """The waiting one still runs; nothing new is created."""
    clock.advance(3600)
    run_clock(verbs)
    (ended,) = verbs.drain()
    clock.advance(3600)
    run_clock(verbs)
    verbs.run("delete from pgdispatch.task")

    clock.advance(3600)
    assert run_clock(verbs) == 0
    (waiting,) = verbs.drain()
    assert [verbs.past(job)["task"] for job in (ended, waiting)] == [task, task]


@pytest.mark.usefixtures("task")
def test_scheduled_time_and_not_the_time_of_creation_makes_the_batch(
    verbs: Verbs, clock: Clock
) -> None:
    """A clock that comes late, but within a window, changes no order."""
    set_to(verbs, "missed_after_seconds", 600)
    set_to(verbs, "batch_seconds", 600)
    verbs.schedule("before", recurrence="daily at 12:59")
    first = verbs.task("full_extract", schedule="before")
    clock.advance(3600 + 300)
    run_clock(verbs)

    assert verbs.values("select task from pgdispatch.queue")[0] == first
    assert verbs.value("select queued_at from pgdispatch.job where schedule = 'hourly'") == (
        NOON + HOUR
    )
