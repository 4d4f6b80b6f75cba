"""Fire: one job for each enabled task and scheduled time, however often it is called."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.timetable import change, fail_often, linked_task, run_clock, set_to
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True


def test_fire_creates_one_job_for_each_enabled_task(verbs: Verbs) -> None:
    """In the order of the tasks, on behalf of the schedule."""
    verbs.schedule("hourly")
    tasks = [verbs.task(schedule="hourly") for _ in range(2)]
    verbs.task(schedule="hourly", enabled=False)
    verbs.task()

    assert verbs.fire("hourly", NOON) == 2
    jobs = verbs.rows("select * from pgdispatch.job order by id")
    assert [job["task"] for job in jobs] == tasks
    assert {job["created_by"] for job in jobs} == {"schedule hourly"}
    assert {job["scheduled_at"] for job in jobs} == {NOON}


def test_fire_of_the_same_time_again_creates_none(verbs: Verbs) -> None:
    """Even after the first job has ended."""
    verbs.schedule("hourly")
    verbs.task(schedule="hourly")
    assert verbs.fire("hourly", NOON) == 1
    verbs.drain()

    assert verbs.fire("hourly", NOON) == 0


def test_fire_skips_a_task_whose_job_still_waits(verbs: Verbs) -> None:
    """And notes the occurrence as skipped for good."""
    verbs.schedule("hourly")
    verbs.task(schedule="hourly")
    later = NOON + timedelta(hours=1)
    verbs.fire("hourly", NOON)

    assert verbs.fire("hourly", later) == 0
    skipped = verbs.values("select skipped_for from pgdispatch.occurrence order by scheduled_at")
    assert skipped == [None, "waiting"]
    verbs.drain()
    assert verbs.fire("hourly", later) == 0


def test_fire_queues_a_second_job_while_the_first_runs(verbs: Verbs) -> None:
    """Only a waiting job stands in the way."""
    verbs.schedule("hourly")
    verbs.task(schedule="hourly")
    verbs.fire("hourly", NOON)
    verbs.claim()

    assert verbs.fire("hourly", NOON + timedelta(hours=1)) == 1


def test_disabled_schedule_creates_nothing_but_its_jobs_still_run(verbs: Verbs) -> None:
    """Semantics 5.7."""
    verbs.schedule("hourly")
    verbs.task(schedule="hourly")
    verbs.fire("hourly", NOON)
    verbs.run("update pgdispatch.schedule set enabled = false")

    assert verbs.fire("hourly", NOON + timedelta(hours=1)) == 0
    assert len(verbs.drain()) == 1


def test_fire_of_an_unknown_schedule_is_refused(verbs: Verbs) -> None:
    """SQLSTATE JD002."""
    with pytest.raises(psycopg.Error) as refused:
        verbs.fire("never", NOON)

    assert refused.value.sqlstate == "JD002"


@pytest.mark.parametrize("at", ["20000-01-01", "0044-03-15 BC", "1899-12-31 23:59+00"])
def test_fire_for_a_time_that_no_handler_could_hold_is_refused(verbs: Verbs, at: str) -> None:
    """A backgrounder that claimed such a job could not read it."""
    verbs.schedule("hourly")

    with pytest.raises(psycopg.Error, match="is not between 1900 and 9000") as refused:
        verbs.fire("hourly", at)

    assert refused.value.sqlstate == "JD001"
    assert refused.value.diag.message_hint


def test_fire_for_a_time_ahead_is_refused_unless_early(verbs: Verbs, clock: Clock) -> None:
    """Early, that time has been served: schedule_status says so, the clock adds nothing."""
    verbs.schedule("hourly", recurrence="every 1 hour from 00:00 to 23:59")
    verbs.task(schedule="hourly")
    ahead = NOON + timedelta(hours=1)
    with pytest.raises(psycopg.Error, match="lies ahead") as refused:
        verbs.fire("hourly", ahead)
    status = "select served_ahead, last_run_at, next_run_at from pgdispatch.schedule_status"

    made = verbs.fire("hourly", ahead, early=True)

    assert (refused.value.sqlstate, made) == ("JD001", 1)
    assert verbs.row(status) == {"served_ahead": [ahead], "last_run_at": None, "next_run_at": ahead}
    assert verbs.fire("hourly", ahead, early=True) == 0
    assert verbs.row(status)["served_ahead"] == [ahead]
    verbs.drain()
    clock.advance(3600)
    assert verbs.row(status)["served_ahead"] is None
    assert run_clock(verbs) == 0
    assert verbs.value("select served_ahead from pgdispatch.schedule") is None
    clock.advance(3600)
    assert run_clock(verbs) == 1


def test_fire_early_leaves_a_task_added_since_to_the_clock(verbs: Verbs, clock: Clock) -> None:
    """It did not have that time."""
    verbs.schedule("hourly", recurrence="every 1 hour from 00:00 to 23:59")
    verbs.task(schedule="hourly")
    verbs.fire("hourly", NOON + timedelta(hours=1), early=True)
    added = verbs.task(schedule="hourly")
    clock.advance(3600)

    assert run_clock(verbs) == 1
    assert verbs.values("select task from pgdispatch.job")[-1] == added


def test_fire_warns_of_what_got_no_job(verbs: Verbs, clock: Clock) -> None:
    """Suspended, disabled, or waiting still; a disabled schedule, too."""
    told: list[tuple[str | None, str | None]] = []
    verbs.connection.add_notice_handler(
        lambda about: told.append((about.message_primary, about.message_hint))
    )
    verbs.schedule("hourly")
    tasks = [verbs.task(schedule="hourly") for _ in range(3)]
    set_to(verbs, "suspend_after_failures", 1)
    fail_often(verbs, tasks[1], 1)
    verbs.run_now(tasks[0])
    change(verbs, "task", "id", tasks[2], enabled=False)
    flow = verbs.task("flow")
    linked_task(verbs, flow, schedule="hourly", enabled=False)

    assert verbs.fire("hourly", clock.now) == 0
    change(verbs, "schedule", "name", "hourly", enabled=False)
    assert verbs.fire("hourly", clock.now) == 0
    assert told == [
        (
            "tasks of schedule hourly that got no job: 1 suspended, 2 disabled, "
            "1 with a job waiting",
            "resume or enable them, or wait for their jobs; see pgdispatch.task_status",
        ),
        ("schedule hourly is disabled: no job was created", "enable it first"),
    ]


def test_fire_without_a_time_is_refused(verbs: Verbs) -> None:
    """And says so, instead of naming a column."""
    verbs.schedule("hourly")

    with pytest.raises(psycopg.Error, match="the scheduled time is missing") as refused:
        verbs.connection.execute("select pgdispatch.fire('hourly', null)")
    assert refused.value.sqlstate == "JD001"


@pytest.mark.parametrize(
    ("seconds", "same_batch"), [(0, True), (59, True), (60, False), (-1, False)]
)
def test_scheduled_times_within_one_window_are_one_batch(
    verbs: Verbs, clock: Clock, seconds: int, same_batch: bool
) -> None:
    """Windows of 60 seconds, cut at whole minutes: within one the type decides, not the time."""
    clock.advance(max(seconds, 0))
    verbs.schedule("first")
    verbs.schedule("second")
    extract = verbs.task("full_extract", schedule="first")
    flow = verbs.task("alert", schedule="second")
    verbs.fire("first", NOON)
    verbs.fire("second", NOON + timedelta(seconds=seconds))

    tasks = verbs.values("select task from pgdispatch.queue")

    assert tasks == ([flow, extract] if same_batch or seconds < 0 else [extract, flow])


def test_batch_seconds_sets_the_window(verbs: Verbs, clock: Clock) -> None:
    """With an hour, jobs half an hour apart are one batch."""
    clock.advance(1800)
    verbs.run("update pgdispatch.setting set value = '3600' where name = 'batch_seconds'")
    verbs.schedule("first")
    verbs.schedule("second")
    extract = verbs.task("full_extract", schedule="first")
    alert = verbs.task("alert", schedule="second")
    verbs.fire("first", NOON)
    verbs.fire("second", NOON + timedelta(minutes=30))

    assert verbs.values("select task from pgdispatch.queue") == [alert, extract]


def test_enabling_a_task_again_makes_it_young(verbs: Verbs, clock: Clock) -> None:
    """Criterion 6: the time it was created or last enabled."""
    verbs.schedule("hourly")
    first, second = (verbs.task(schedule="hourly") for _ in range(2))
    clock.advance(5)
    for enabled in (False, True):
        verbs.run("update pgdispatch.task set enabled = %s where id = %s", enabled, first)
    verbs.fire("hourly", NOON)

    assert verbs.values("select task from pgdispatch.queue") == [second, first]


def test_run_time_history_forgets_after_the_set_hours(verbs: Verbs, clock: Clock) -> None:
    """And counts only successes."""
    task = verbs.task()
    for seconds, act in ((10, verbs.finish), (30, verbs.finish), (999, verbs.fail)):
        verbs.run_now(task)
        job = verbs.claim()
        clock.advance(seconds)
        act(job or 0)
    usual = "select pgdispatch.usual_seconds(%s)"
    before = verbs.value(usual, task)
    clock.advance(180 * 3600)

    assert (before, verbs.value(usual, task)) == (20, None)
