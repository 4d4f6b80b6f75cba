"""When schedules run, worked out by dateutil and zoneinfo; the database gets only the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from dateutil import rrule  # type: ignore[import-untyped]  # it ships no type information

from support.sessions.local_times import first_instant

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}


@dataclass(frozen=True)
class Recurrence:
    """A recurrence in words, and the same as local times on the days of an rrule."""

    words: str
    times: Sequence[time]
    days: Mapping[str, Any]

    def instants(self, zone: str, *, after: datetime, until: datetime) -> list[datetime]:
        """Return its instants within (after, until], by the change-over rule of semantics §6."""
        first = (after - timedelta(days=3)).replace(tzinfo=None, hour=0, minute=0, second=0)
        last = (until + timedelta(days=3)).replace(tzinfo=None)
        rule = rrule.rrule(**self.days, dtstart=first.replace(microsecond=0), until=last)
        seconds = {
            first_instant(datetime.combine(day.date(), at), zone)
            for day in rule
            for at in self.times
        }
        found = (datetime.fromtimestamp(s, UTC) for s in sorted(seconds))
        return [instant for instant in found if after < instant <= until]


def every(minutes: int, start: str = "00:00", end: str = "24:00") -> Recurrence:
    """Return every so many minutes from one time of day to another, both included."""
    low, high = _minutes(start), _minutes(end)
    if high < low:
        high += 1440
    times = {n % 1440 for n in range(low, high + 1, minutes) if n != 1440 or end != "24:00"}
    unit = f"{minutes} minutes" if minutes < 60 else f"{minutes // 60} hours"
    words = f"every {unit}".replace(" 1 hours", " 1 hour")
    if (start, end) != ("00:00", "24:00"):
        words += f" from {start} to {end}"
    at = [time(n // 60, n % 60) for n in sorted(times)]
    return Recurrence(words, at, {"freq": rrule.DAILY})


def daily(at: str) -> Recurrence:
    """Return a daily recurrence."""
    return Recurrence(f"daily at {at}", [time.fromisoformat(at)], {"freq": rrule.DAILY})


def weekly(days: Sequence[str], at: str) -> Recurrence:
    """Return a recurrence on some days of the week."""
    numbers = [DAYS.index(day) for day in days]
    rule = {"freq": rrule.WEEKLY, "byweekday": numbers}
    return Recurrence(f"weekly on {', '.join(days)} at {at}", [time.fromisoformat(at)], rule)


def monthly(days: Sequence[int], at: str) -> Recurrence:
    """Return a recurrence on some days of the month; -1 is the last."""
    names = ", ".join("last" if day < 0 else str(day) for day in days)
    rule = {"freq": rrule.MONTHLY, "bymonthday": list(days)}
    return Recurrence(f"monthly on {names} at {at}", [time.fromisoformat(at)], rule)


def nth_weekday(which: str, day: str, at: str) -> Recurrence:
    """Return a recurrence on the n-th or last weekday of the month."""
    rule = {"freq": rrule.MONTHLY, "byweekday": rrule.weekday(DAYS.index(day), NTH[which])}
    return Recurrence(f"monthly on {which} {day} at {at}", [time.fromisoformat(at)], rule)


def cron(fields: str, times: Sequence[str], **days: Any) -> Recurrence:
    """Return a cron expression; `times` and `days` say the same to rrule."""
    rule = {"freq": rrule.DAILY, **days}
    return Recurrence(f"cron {fields}", [time.fromisoformat(at) for at in times], rule)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
