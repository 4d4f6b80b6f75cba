"""The days of an iCalendar file (RFC 5545): what lasts all day, and what is repeated of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar
from recurring_ical_events import of  # type: ignore[import-untyped]  # it ships no types

from pgdispatch.errors import InvalidInputError

LARGEST = 5_000_000  # bytes of a file
EVENTS = 20_000
LONGEST = 200  # characters of a name
RULES = {"YEARLY", "MONTHLY", "WEEKLY", "DAILY"}
DAY = timedelta(days=1)


def read_days(name: str, content: bytes, years: Iterable[int]) -> tuple[dict[date, str], int]:
    """Return the days of a file in some years, and how many events were left out: they have times.

    Raises `InvalidInputError` for what is no iCalendar file, is too large, or has no such day.
    """
    if len(content) > LARGEST:
        raise InvalidInputError(
            f"{name} has more than {LARGEST // 1_000_000} MB",
            hint="take a file with holidays only",
        )
    events, left_out = all_day_events(name, content)
    wanted = sorted(set(years))
    names: dict[date, list[str]] = defaultdict(list)
    for event in occurrences(name, events, wanted):
        for day in days_of(event, wanted):
            called = " ".join(str(event.get("SUMMARY", "")).split())[:LONGEST] or "free"
            if called not in names[day]:
                names[day].append(called)
    if not names:
        raise InvalidInputError(
            f"{name} has no event that lasts all day from {wanted[0]} to {wanted[-1]}",
            hint="see whether it is the right file, or name other years: --year",
        )
    return {day: " / ".join(names[day])[:LONGEST] for day in sorted(names)}, left_out


def all_day_events(name: str, content: bytes) -> tuple[list[Any], int]:
    """Return the events that last all day, and the number of the others."""
    try:
        calendars = Calendar.from_ical(content, multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
        starts = [getattr(event.get("DTSTART"), "dt", None) for event in events]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise InvalidInputError(
            f"{name} is not an iCalendar file",
            detail=" ".join(str(error).split())[:200],
            hint="it begins with BEGIN:VCALENDAR; export it as .ics",
        ) from None
    if not calendars:
        raise InvalidInputError(
            f"{name} is not an iCalendar file", hint="it begins with BEGIN:VCALENDAR"
        )
    if len(events) > EVENTS:
        raise InvalidInputError(
            f"{name} has {len(events)} events", hint=f"take a file with at most {EVENTS}"
        )
    found = [
        event
        for event, start in zip(events, starts, strict=True)
        if isinstance(start, date)
        and not isinstance(start, datetime)
        and str(event.get("STATUS", "")).upper() != "CANCELLED"
    ]
    cancelled = sum(str(event.get("STATUS", "")).upper() == "CANCELLED" for event in events)
    return found, len(events) - len(found) - cancelled


def occurrences(name: str, events: list[Any], years: list[int]) -> list[Any]:
    """Return the events in these years, what is repeated once for each time."""
    for event in events:
        rules = event.get("RRULE")
        for rule in rules if isinstance(rules, list) else [rules] if rules else []:
            if not {str(how).upper() for how in rule.get("FREQ", [])} <= RULES:
                raise InvalidInputError(
                    f"{name} has an event that is repeated more often than daily",
                    hint="take a file with holidays only",
                )
    calendar = Calendar()
    for event in events:
        calendar.add_component(event)
    begin, end = date(years[0], 1, 1), date(years[-1] + 1, 1, 1)
    try:
        return list(of(calendar).between(begin, end))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise InvalidInputError(
            f"{name} has an event that cannot be read",
            detail=" ".join(str(error).split())[:200],
            hint="export it again, or leave that event out",
        ) from None


def days_of(event: Any, years: list[int]) -> Iterable[date]:
    """Yield the days of an event that fall into these years; its end is the day after the last."""
    day = event["DTSTART"].dt
    end = (
        event["DTEND"].dt
        if "DTEND" in event
        else day + event["DURATION"].dt
        if ("DURATION" in event)
        else day + DAY
    )
    day = max(day, date(years[0], 1, 1))
    end = min(max(end, event["DTSTART"].dt + DAY), date(years[-1] + 1, 1, 1))
    while day < end:
        if day.year in years:
            yield day
        day += DAY
