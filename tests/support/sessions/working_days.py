"""Working days and what they make of recurrences, worked out day by day without PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

DAY = timedelta(days=1)
REACH = 100  # days by which a free day is moved at most


@dataclass(frozen=True)
class Calendar:
    """Working weekdays (0: Monday), days that differ, and a stretch of free days: begin, length."""

    weekdays: frozenset[int]
    days: Mapping[date, bool]
    gap: tuple[date, int] | None = None

    def named_days(self) -> dict[date, bool]:
        """Return all days that are not as their weekday says, or may be."""
        begin, length = self.gap or (date(2000, 1, 1), 0)
        return {**self.days, **{begin + n * DAY: False for n in range(length)}}

    def working(self) -> Callable[[date], bool]:
        """Return whether a day is a working day."""
        named = self.named_days()
        return lambda day: named.get(day, day.weekday() in self.weekdays)


@dataclass(frozen=True)
class Plan:
    """A recurrence in words, the times of its days, and which days of a month it has."""

    words: str
    times: tuple[time, ...]
    days: Callable[[list[date], list[date]], list[date]]  # of all days, of the working days


def _working(place: int) -> Callable[[list[date], list[date]], list[date]]:
    def days(_: list[date], workdays: list[date]) -> list[date]:
        is_there = len(workdays) >= (place + 1 if place >= 0 else -place)
        return [workdays[place]] if is_there else []

    return days


NOON, NIGHT = time(12), time(2, 30)
PLANS = (
    Plan("daily at 02:30", (NIGHT,), lambda days, _: days),
    Plan("every 12 hours from 02:30 to 14:30", (NIGHT, time(14, 30)), lambda days, _: days),
    Plan(
        "weekly on fri, sun at 12:00",
        (NOON,),
        lambda days, _: [day for day in days if day.weekday() in {4, 6}],
    ),
    Plan(
        "monthly on 1, 15, last at 12:00",
        (NOON,),
        lambda days, _: [day for day in days if day.day in {1, 15} or day == days[-1]],
    ),
    Plan(
        "cron 30 2 1-7 2,3,11 *",
        (NIGHT,),
        lambda days, _: [day for day in days if day.day < 8 and day.month in {2, 3, 11}],
    ),
    Plan("on working days at 12:00", (NOON,), lambda _, workdays: workdays),
    Plan(
        "on working days every 12 hours from 0:00 to 12:00",
        (time(0), NOON),
        lambda _, workdays: workdays,
    ),
    Plan("monthly on the first working day at 12:00", (NOON,), _working(0)),
    Plan("monthly on fifth working day at 02:30", (NIGHT,), _working(4)),
    Plan("monthly on 20th working day at 02:30", (NIGHT,), _working(19)),
    Plan("monthly on last working day at 02:30", (NIGHT,), _working(-1)),
)


def planned_times(
    plan: Plan, calendar: Calendar, on_free_day: str, first: date, last: date
) -> list[datetime]:
    """Return the local times of a plan that fall into whole months between two days."""
    is_working = calendar.working()
    margin = 200 * DAY
    days = list(_days(first - margin, last + margin))
    found = set()
    for _, month in groupby(days, lambda day: (day.year, day.month)):
        its_days = list(month)
        for day in plan.days(its_days, [day for day in its_days if is_working(day)]):
            found |= {_moved(day, is_working, on_free_day)}
    runs = sorted(day for day in found if day is not None and first <= day <= last)
    return [datetime.combine(day, at) for day in runs for at in plan.times]


def _moved(day: date, is_working: Callable[[date], bool], on_free_day: str) -> date | None:
    if is_working(day) or on_free_day == "run":
        return day
    if on_free_day == "skip":
        return None
    step = DAY if on_free_day == "after" else -DAY
    return next((day + n * step for n in range(1, REACH + 1) if is_working(day + n * step)), None)


def _days(first: date, last: date) -> Iterator[date]:
    first = first.replace(day=1)
    while first <= last:
        yield first
        first += DAY
