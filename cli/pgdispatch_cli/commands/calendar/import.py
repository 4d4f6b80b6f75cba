"""Take the holidays of an iCalendar file over into a calendar."""  # noqa: N999  # as the command

from __future__ import annotations

from datetime import date
from typing import IO, Any

import click
from sqlalchemy import Connection, select

from pgdispatch import tables
from pgdispatch_cli.changing import missing
from pgdispatch_cli.commands.calendar.day import put, take
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import Column, write_json, write_table
from pgdispatch_cli.stderr import write_remark
from pgdispatch_cli.transaction import database

YEARS = 5  # what comes again every year is taken for this year and the next four
ADD, CHANGE, DELETE, KEEP, SAME = "add", "change", "delete", "keep", "same"
COLUMNS = (
    Column("what", "what"),
    Column("day", "day"),
    Column("name", "name", least=10),
    Column("was", "was", drop=1, least=10),
)


@click.command(
    epilog=example(
        "pgdispatch calendar import DE feiertage.ics --dry-run",
        "pgdispatch calendar import DE feiertage.ics --year 2027 --year 2028 --replace",
    )
)
@click.argument("name")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--year",
    "years",
    type=click.IntRange(1900, 2999),
    multiple=True,
    metavar="YEAR",
    help="Only of this year; may be given several times (default: this year and the next four).",
)
@click.option("--replace", is_flag=True, help="Delete what it had in these years beside the file.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@reason_option
@json_option
@database_option
def command(
    *,
    name: str,
    file: IO[bytes],
    years: tuple[int, ...],
    replace: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make the days of an iCalendar FILE free in a calendar; '-' is standard input.

    Only all-day events count, each day of those that last longer, and what is repeated. A working
    day that the calendar names stays one. All of it is done, or nothing.
    """
    from pgdispatch_cli.calendar_file import LARGEST, read_days  # noqa: PLC0415  # of an extra

    content = file.read(LARGEST + 1)
    with database() as connection:
        first = this_year(connection, name)
        wanted = sorted(set(years)) or [*range(first, first + YEARS)]
        days, left_out = read_days(file.name, content, wanted)
        plan = planned(named(connection, name, wanted), days, replace=replace)
        if not dry_run:
            carry_out(connection, name, plan)
    tell(name, plan, left_out, dry_run=dry_run, as_json=as_json)


def this_year(connection: Connection, name: str) -> int:
    """Return which year it is by a calendar.

    Transaction: joins the caller's; reads only.
    """
    own = tables.calendar_status.c
    today = connection.execute(select(own.today).where(own.calendar == name)).scalar()
    if today is None:
        raise missing(tables.calendar, name)
    return int(today.year)


def named(connection: Connection, name: str, years: list[int]) -> dict[date, tuple[Any, bool]]:
    """Return the days that a calendar names in some years: name, and whether one works.

    Transaction: joins the caller's; reads only.
    """
    own = tables.calendar_day.c
    query = select(own.day, own.name, own.is_working).where(own.calendar == name)
    return {
        day: (called, works)
        for day, called, works in connection.execute(query)
        if day.year in years
    }


def planned(
    there: dict[date, tuple[Any, bool]], wanted: dict[date, str], *, replace: bool
) -> list[dict[str, Any]]:
    """Return what becomes of each day that is in the calendar or in the file."""
    plan = []
    for day in sorted({*there, *wanted}):
        called, works = there.get(day, (None, False))
        new = wanted.get(day)
        if new is None:
            what = DELETE if replace and not works else KEEP
        elif day not in there:
            what = ADD
        elif works:
            what = KEEP
        else:
            what = SAME if called == new else CHANGE
        was = "works" if works else called
        plan.append({"what": what, "day": day, "name": new, "was": was})
    return plan


def carry_out(connection: Connection, name: str, plan: list[dict[str, Any]]) -> None:
    """Do what is planned.

    Transaction: joins the caller's; commits nothing.
    """
    written = {row["day"]: row["name"] for row in plan if row["what"] in {ADD, CHANGE}}
    gone = tuple(row["day"] for row in plan if row["what"] == DELETE)
    if gone:
        take(connection, name, gone)
    if written:
        put(connection, name, written)


def tell(
    name: str, plan: list[dict[str, Any]], left_out: int, *, dry_run: bool, as_json: bool
) -> None:
    """Say what was done, or would be."""
    shown = [row for row in plan if row["what"] in {ADD, CHANGE, DELETE}]
    if as_json:
        write_json(shown)
    elif shown:
        write_table(shown, COLUMNS)
    counts = [sum(row["what"] == what for row in plan) for what in (ADD, CHANGE, DELETE)]
    words = ("to add", "to change", "to delete") if dry_run else ("added", "changed", "deleted")
    told = ", ".join(f"{count} {word}" for count, word in zip(counts, words, strict=True))
    write_remark(f"{'nothing was done' if dry_run else f'calendar {name}'}: days {told}")
    kept = [row for row in plan if row["what"] == KEEP and row["name"]]
    if kept:
        days = ", ".join(row["day"].isoformat() for row in kept)
        write_remark(f"working days that stay as they are: {days}")
    if left_out:
        write_remark(f"left out: {left_out} events that do not last all day")
