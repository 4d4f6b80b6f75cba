"""How many backgrounders a node needs, on weeks whose answer is plain."""

from __future__ import annotations

from datetime import UTC

import pytest

from pgdispatch.forecast.draws.past import Day, Past, TaskPast
from pgdispatch.forecast.plan import JobType, Node, Plan, Schedule, Settings, Site, Task
from pgdispatch.forecast.questions.capacity import (
    DAY,
    HOUR,
    Goal,
    Weeks,
    clock_of,
    least_by_hour,
    moves,
    sizes,
    week_arrivals,
)
from pgdispatch.forecast.questions.capacity_plot import plot
from pgdispatch.forecast.run import MICROS

MONDAY = 4 * DAY  # 5 January 1970 was one
GOAL = Goal(share=0.95, seconds=600)
TASKS = 8
SETTINGS = Settings(
    batch=60 * MICROS,
    history=180 * HOUR,
    is_shorter_first=True,
    max_losses=3,
    grace=30 * MICROS,
    suspend_after=5,
    retry_base=15 * MICROS,
    retry_max=3600 * MICROS,
)


def task(number: int, schedule: str, datasource: str | None) -> Task:
    """Return a task of a schedule."""
    return Task(
        id=number, site="default", type="flow", schedule=schedule, priority=50,
        datasource=datasource, timeout=None, max_attempts=1, enabled=True, enabled_at=0,
        history_since=None, since=0.0,
    )  # fmt: skip


def weeks(
    schedules: dict[str, int], *, datasource: str | None = None, backgrounders: int = 3
) -> Weeks:
    """Return a week in which each schedule runs TASKS tasks of half an hour daily, at an hour."""
    tasks = [
        task(1 + TASKS * place + number, name, datasource if number < TASKS // 2 else None)
        for place, name in enumerate(schedules)
        for number in range(TASKS)
    ]
    runs = {
        name: tuple(MONDAY + day * DAY + hour * HOUR for day in range(7))
        for name, hour in schedules.items()
    }
    plan = Plan(
        made_at=MONDAY,
        until=MONDAY + 7 * DAY,
        settings=SETTINGS,
        types={"flow": JobType("flow", 1, None, 1, "task", 50, False)},
        sites={"default": Site("default")},
        nodes=(Node("a", backgrounders),),
        pauses=(),
        schedules=tuple(
            Schedule(name, place, runs=runs[name]) for place, name in enumerate(schedules)
        ),
        tasks={one.id: one for one in tasks},
        linked_tasks=(),
        jobs=(),
    )
    past = Past(
        tasks={one.id: TaskPast("flow", 1800.0, (1800.0,) * 9, 9999999, 0) for one in tasks}
    )
    return Weeks(plan, past, "a", draws=2)


def test_each_hour_has_as_many_as_start_in_it_and_no_more() -> None:
    """One for each task at the hour of the schedule; one, the least, at all others."""
    found = least_by_hour(weeks({"nightly": 2}), GOAL, 24, clock_of(UTC))

    assert found.backgrounders == tuple(TASKS if hour % 24 == 2 else 1 for hour in range(168))
    assert (found.held, found.sum) == (0.0, 7 * (TASKS + 23))


def test_what_waits_for_a_gate_asks_for_no_backgrounders() -> None:
    """Half of the tasks share a datasource: all but the first of them are late with any number."""
    found = least_by_hour(weeks({"nightly": 2}, datasource="sales"), GOAL, 24, clock_of(UTC))

    assert found.backgrounders[2] == TASKS // 2 + 1
    assert found.held == pytest.approx((TASKS // 2 - 1) / TASKS)


def test_more_backgrounders_leave_less_late_until_all_are_in_time() -> None:
    """Of eight half hours on two, six start after half an hour or more."""
    found = sizes(weeks({"nightly": 2}), GOAL, [2, 4, 8])

    assert [size.late for size in found] == [0.75, 0.5, 0.0]
    assert found[2].p95 == 0.0


def test_a_schedule_that_is_moved_out_of_the_way_comes_first() -> None:
    """Two that come together are in each other's way: an hour apart they are less so."""
    week = weeks({"early": 2, "late": 2}, backgrounders=8)
    now = sizes(week, GOAL, [8])[0]

    best = moves(week, GOAL)[0]

    assert best.late == 0.0 < now.late


def test_unscheduled_jobs_of_a_week_are_those_of_its_weekdays() -> None:
    """The newest day in the list is yesterday: a Sunday, six days ahead."""
    week = weeks({"nightly": 2})
    days = tuple(
        Day(1, ((3600.0 + back, "flow", "default", None, None, None, 50, False),))
        for back in range(1, 8)
    )
    found = week_arrivals(Past(days=days), week.plan, 0)

    assert [(one.at - MONDAY) // DAY for one in found] == list(range(7))
    assert [(one.at - MONDAY) % DAY // MICROS - 3600 for one in found] == [7, 6, 5, 4, 3, 2, 1]


def test_the_picture_has_a_bar_for_each_hour_and_its_number() -> None:
    """And a title, with what is special to XML in it."""
    picture = plot([hour % 24 + 1 for hour in range(168)], "a <b>")

    assert picture.count("<rect") == 168
    assert picture.count(">24</text>") == 7
    assert "a &lt;b&gt;" in picture
