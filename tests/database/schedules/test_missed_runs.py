"""Times that nobody was up for: skipped, served once, or all of them up to a cap."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.timetable import next_run, run_clock, set_to
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True

HOURLY = "every 1 hour from 00:00 to 23:59"
TIMES = "select scheduled_at from pgdispatch.occurrence where skipped_for is null order by 1"
MISSED = "select scheduled_at from pgdispatch.occurrence where skipped_for = 'missed' order by 1"
LINKED = """
select scheduled_at, skipped_for from pgdispatch.linked_run order by scheduled_at
"""


def hours(*numbers: int) -> list[Any]:
    """Return the instants so many hours after noon."""
    return [NOON + timedelta(hours=number) for number in numbers]


@pytest.mark.parametrize(
    ("policy", "cap", "made"),
    [
        ("skip", 10, []),
        ("once", 10, [6]),
        ("all", 10, [1, 2, 3, 4, 5, 6]),
        ("all", 6, [1, 2, 3, 4, 5, 6]),
        ("all", 4, [3, 4, 5, 6]),
        ("all", 1, [6]),
    ],
)
def test_policy_says_which_missed_times_are_served(
    verbs: Verbs, clock: Clock, policy: str, cap: int, made: list[int]
) -> None:
    """Nobody was up from noon till half past six; then it goes on as usual."""
    verbs.schedule("hourly", recurrence=HOURLY, missed_runs=policy, max_missed_runs=cap)
    verbs.task(schedule="hourly")
    clock.advance(6.5 * 3600)

    assert run_clock(verbs) == len(made)
    assert verbs.values(TIMES) == hours(*made)
    assert next_run(verbs, "hourly") == NOON + timedelta(hours=7)
    verbs.drain()
    clock.advance(1800)
    assert run_clock(verbs) == 1


@pytest.mark.parametrize(("policy", "made"), [("skip", [6]), ("once", [6]), ("all", [4, 5, 6])])
def test_time_that_has_just_come_is_served_beside_the_missed_ones(
    verbs: Verbs, clock: Clock, policy: str, made: list[int]
) -> None:
    """Back exactly at six: that time is not missed, whatever was before."""
    verbs.schedule("hourly", recurrence=HOURLY, missed_runs=policy, max_missed_runs=2)
    verbs.task(schedule="hourly")
    clock.advance(6 * 3600 + 5)
    run_clock(verbs)

    assert verbs.values(TIMES) == hours(*made)


@pytest.mark.parametrize(("late", "made"), [(59, 1), (60, 0)])
def test_time_counts_as_missed_after_a_minute(
    verbs: Verbs, clock: Clock, late: int, made: int
) -> None:
    """A busy clock is not an outage."""
    verbs.schedule("hourly", recurrence=HOURLY, missed_runs="skip")
    verbs.task(schedule="hourly")
    clock.advance(3600 + late)

    assert run_clock(verbs) == made


def test_setting_says_after_how_long_a_time_is_missed(verbs: Verbs, clock: Clock) -> None:
    """For all schedules."""
    set_to(verbs, "missed_after_seconds", 3600)
    verbs.schedule("hourly", recurrence=HOURLY, missed_runs="skip")
    verbs.task(schedule="hourly")
    clock.advance(2 * 3600 + 1800)

    assert run_clock(verbs) == 1
    assert verbs.values(TIMES) == hours(2)


@pytest.mark.parametrize(
    ("policy", "cap", "noted"),
    [
        ("skip", 10, [1, 2, 3, 4, 5, 6]),
        ("skip", 6, [1, 2, 3, 4, 5, 6]),
        ("skip", 5, [2, 3, 4, 5, 6]),
        ("skip", 1, [6]),
        ("once", 10, []),
        ("all", 4, []),
    ],
)
def test_skipped_times_leave_an_occurrence_up_to_the_cap(
    verbs: Verbs, clock: Clock, policy: str, cap: int, noted: list[int]
) -> None:
    """The latest of them; under the other policies what is served stands for all."""
    verbs.schedule("hourly", recurrence=HOURLY, missed_runs=policy, max_missed_runs=cap)
    verbs.task(schedule="hourly")
    clock.advance(6.5 * 3600)
    run_clock(verbs)

    assert verbs.values(MISSED) == hours(*noted)
    assert verbs.value("select missed_for from pgdispatch.schedule") is None


def test_task_that_was_not_enabled_then_has_missed_nothing(verbs: Verbs, clock: Clock) -> None:
    """Neither has one that came later."""
    verbs.schedule("hourly", recurrence=HOURLY, missed_runs="skip")
    verbs.task(schedule="hourly")
    clock.advance(3.5 * 3600)
    late = verbs.task(schedule="hourly")
    clock.advance(3 * 3600)
    run_clock(verbs)

    of_late = "select scheduled_at from pgdispatch.occurrence where task = %s order by 1"
    assert verbs.values(of_late, late) == hours(4, 5, 6)


def test_missed_time_can_be_made_up_for_by_hand(verbs: Verbs, clock: Clock) -> None:
    """Once: then it is served like any other."""
    verbs.schedule("hourly", recurrence=HOURLY, missed_runs="skip")
    verbs.task(schedule="hourly")
    clock.advance(3.5 * 3600)
    run_clock(verbs)

    assert verbs.fire("hourly", hours(2)[0]) == 1
    verbs.drain()
    assert verbs.fire("hourly", hours(2)[0]) == 0
    assert (verbs.values(MISSED), verbs.values(TIMES)) == (hours(1, 3), hours(2))


def test_linked_task_has_a_run_that_was_missed(verbs: Verbs, clock: Clock) -> None:
    """As tasks have occurrences; it can be made up for, too."""
    verbs.schedule("hourly", recurrence=HOURLY, missed_runs="skip")
    linked = verbs.add("linked_task", title="chain", schedule="hourly")
    step = {"linked_task": linked, "step": 1, "task": verbs.task("flow")}
    verbs.add("linked_task_step", "step", **step)
    clock.advance(2.5 * 3600)
    run_clock(verbs)
    verbs.fire("hourly", hours(2)[0])

    assert [tuple(row.values()) for row in verbs.rows(LINKED)] == [
        (hours(1)[0], "missed"),
        (hours(2)[0], None),
    ]


def test_long_outage_costs_no_more_than_the_cap(verbs: Verbs, clock: Clock) -> None:
    """A year of quarters of an hour."""
    verbs.schedule(
        "often", recurrence="every 15 minutes from 00:00 to 23:59", missed_runs="all",
        max_missed_runs=3,
    )  # fmt: skip
    verbs.task(schedule="often")
    clock.advance(365 * 86400 + 300)

    assert run_clock(verbs) == 3


def queue(verbs: Verbs) -> list[str]:
    """Return the titles of what waits, in the order of dispatch."""
    return verbs.values("select title from pgdispatch.queue order by position")


@pytest.mark.parametrize("seconds", [0, 12, 59])
def test_run_that_is_made_up_for_late_passes_nothing_added_meanwhile(
    verbs: Verbs, clock: Clock, seconds: int
) -> None:
    """Nor what was added within the same window, by hand or by a schedule that was in time."""
    verbs.schedule("missed", recurrence="daily at 12:30")
    verbs.task("alert", title="missed", schedule="missed")
    verbs.schedule("in time", recurrence="daily at 18:30")
    verbs.task("subscription", title="in time", schedule="in time")
    clock.advance(3600)
    verbs.job("full_extract", title="meanwhile")
    clock.advance(5.5 * 3600 + seconds)
    verbs.job("full_extract", title="just before")
    run_clock(verbs)
    clock.advance(60 - seconds)
    verbs.job(title="after")

    order = ["meanwhile", "in time", "just before", "missed", "after"]
    if seconds == 0:  # inserted jobs of one instant come first
        order[1:3] = reversed(order[1:3])
    assert queue(verbs) == order


def test_runs_made_up_for_in_one_window_are_one_batch(verbs: Verbs, clock: Clock) -> None:
    """So the type decides, whichever time was missed; those of the next window come after them."""
    for name, type_, at in (("a", "full_extract", "12:10"), ("b", "alert", "12:20"),
                            ("c", "alert", "12:40")):  # fmt: skip
        verbs.schedule(name, recurrence=f"daily at {at}")
        verbs.task(type_, title=name, schedule=name)
    clock.advance(1800)
    run_clock(verbs)
    clock.advance(1800)
    run_clock(verbs)

    assert queue(verbs) == ["b", "a", "c"]


@pytest.mark.parametrize(("seconds", "is_late"), [(60, False), (61, True)])
def test_run_is_late_after_one_window(
    verbs: Verbs, clock: Clock, seconds: int, is_late: bool
) -> None:
    """Until then it has its place by its scheduled time."""
    verbs.schedule("hourly", recurrence=HOURLY)
    verbs.task(schedule="hourly")
    clock.advance(3600 + seconds)
    run_clock(verbs)

    end = timedelta(seconds=119, microseconds=999999)
    assert verbs.value("select queued_at from pgdispatch.job") == NOON + timedelta(hours=1) + (
        end if is_late else timedelta(0)
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [("missed_runs", "some"), ("missed_runs", None), ("max_missed_runs", 0)],
)
def test_wrong_policy_is_refused(verbs: Verbs, column: str, value: Any) -> None:
    """By a trigger or a constraint."""
    with pytest.raises(psycopg.Error):
        verbs.schedule("hourly", **{column: value})
