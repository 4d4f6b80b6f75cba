"""One calendar: a year of small months, what its days are called, and what goes by it."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import find
from pgdispatch.web.console.reading import ask

PATH = "/calendar/{calendar:path}"
TITLE = None
TEMPLATE = "calendar.html"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST, LAST = 1900, 2999  # years


@dataclass(frozen=True)
class Day:
    """A day as the year shows it; `is_named`: by the calendar, perhaps without a name."""

    date: date
    is_working: bool
    is_named: bool
    name: str | None
    is_today: bool


@dataclass(frozen=True)
class Month:
    """A month: its first day, and its weeks from Monday on; None: a day of another month."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return one calendar, in the year that the query names or in this one.

    Raises `NotFoundError`.

    Transaction: joins the caller's; reads only.
    """
    name = asked.text("calendar", 100) or ""
    found = find(connection, statements.CALENDAR, "calendar", calendar=name)
    row = found[0]
    year = asked.number("year", FIRST, LAST) or row["today"].year
    days = ask(connection, statements.CALENDAR_DAYS, calendar=name, year=year)
    return {
        "title": f"Calendar {name}",
        "section": "Schedules",
        "calendar": row,
        "found": found,
        "year": year,
        "years": [each for each in (year - 1, year + 1) if FIRST <= each <= LAST],
        "months": months(year, row["working_weekdays"], {day["day"]: day for day in days}, row),
        "days": days,
        "schedules": ask(connection, statements.CALENDAR_SCHEDULES, calendar=name),
        "changes": ask(connection, statements.CHANGES, kind="calendar", name=name),
    }


def months(
    year: int, working: list[str], named: Mapping[date, Mapping[str, Any]], row: Mapping[str, Any]
) -> tuple[Month, ...]:
    """Return the months of a year."""

    def day(each: date) -> Day:
        said = named.get(each)
        is_working = said["is_working"] if said else WEEKDAYS[each.weekday()] in working
        called = said["name"] if said else None
        return Day(each, is_working, said is not None, called, each == row["today"])

    return tuple(
        Month(
            date(year, month, 1),
            tuple(
                tuple(day(each) if each.month == month else None for each in week)
                for week in Calendar().monthdatescalendar(year, month)
            ),
        )
        for month in range(1, 13)
    )
