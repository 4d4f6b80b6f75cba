"""One calendar: its named days of a year, and the schedules that go by it."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from pgdispatch_cli.filtering import find
from pgdispatch_cli.options import database_option, example, limit_option, listing_options
from pgdispatch_cli.output import Column, format_value, write_json, write_page, write_section
from pgdispatch_cli.reading import Rows, looking, read

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAYS = (
    Column("day", "day"),
    Column("weekday", "weekday", drop=1),
    Column("is_working", "", form=lambda works: "works" if works else "free"),
    Column("name", "name", least=10),
)
SCHEDULES = (
    Column("schedule", "schedule", least=10),
    Column("recurrence", "recurrence", drop=2, least=12),
    Column("on_free_day", "free days", drop=1),
    Column("next_run_at", "next run"),
)


@click.command(
    epilog=example("pgdispatch calendar show DE", "pgdispatch calendar show DE --year 2027")
)
@click.argument("name")
@click.option(
    "--year", type=click.IntRange(1900, 2999), metavar="YEAR", help="Of this year (default: now)."
)
@limit_option
@listing_options
@database_option
def command(name: str, year: int | None, limit: int, as_json: bool) -> None:
    """Show a calendar: the days that it names in a year, and the schedules that go by it."""
    with looking() as connection:
        calendar = find(connection, "calendar_status", "calendar", name)
        year = year or calendar["today"].year
        of_year = {"day >= %s": date(year, 1, 1), "day <= %s": date(year, 12, 31)}
        found = Rows("calendar_day", {"calendar": name}, where=of_year)
        days = [dated(row) for row in read(connection, found, order=["day"])]
        schedules = read(connection, Rows("schedule_status", {"calendar": name}), limit=limit + 1)
    if as_json:
        write_json([{**calendar, "day_rows": days, "schedule_rows": schedules[:limit]}])
        return
    facts = [
        ("working weekdays", ", ".join(calendar["working_weekdays"]) or "none"),
        ("time zone", calendar["time_zone"]),
        ("named days", format_value(calendar["days"])),
        ("until", format_value(calendar["last_day"])),
        ("schedules", format_value(calendar["schedules"])),
    ]
    write_page("calendar ", name, facts)
    write_section(f"days of {year}", days, DAYS, most=366)
    write_section("schedules", schedules, SCHEDULES, most=limit)


def dated(row: dict[str, Any]) -> dict[str, Any]:
    """Return a day with its weekday."""
    return {**row, "weekday": WEEKDAYS[row["day"].weekday()]}
