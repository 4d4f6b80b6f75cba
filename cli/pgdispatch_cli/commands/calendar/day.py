"""Name days of a calendar."""

from __future__ import annotations

from datetime import date

import click
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from pgdispatch import tables
from pgdispatch_cli.changing import missing, refusals
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import day
from pgdispatch_cli.transaction import database


@click.command(
    epilog=example(
        "pgdispatch calendar day DE 2026-12-24 2026-12-31 --name 'half holiday'",
        "pgdispatch calendar day DE 2026-12-19 --works --name inventory",
        "pgdispatch calendar day DE 2026-12-24 --usual",
    )
)
@click.argument("name")
@click.argument("days", metavar="DAY...", type=day, nargs=-1, required=True)
@click.option("--name", "called", metavar="TEXT", help="What they are called.")
@click.option("--works", is_flag=True, help="They are working days, whatever their weekday.")
@click.option("--usual", is_flag=True, help="They are what their weekday says: named no more.")
@reason_option
@json_option
@database_option
def command(
    *,
    name: str,
    days: tuple[date, ...],
    called: str | None,
    works: bool,
    usual: bool,
    as_json: bool,
) -> None:
    """Make days of a calendar free, or working days; for its schedules that holds at once."""
    if usual and (works or called is not None):
        raise click.UsageError("--usual goes with neither --name nor --works")
    with database() as connection:
        check_calendar(connection, name)
        if usual:
            take(connection, name, days)
        else:
            put(connection, name, dict.fromkeys(days, called), works=works)
    becomes = "as usual" if usual else "working" if works else "free"
    made = {"calendar": name, "days": sorted({when.isoformat() for when in days})}
    count = len(made["days"])
    write_done(
        f"{count} day{'s' if count > 1 else ''} of calendar {name} {becomes}",
        made,
        as_json=as_json,
    )


def check_calendar(connection: Connection, name: str) -> None:
    """Refuse a calendar that there is not.

    Transaction: joins the caller's; reads only.
    """
    own = tables.calendar.c.name
    if connection.execute(select(own).where(own == name)).first() is None:
        raise missing(tables.calendar, name)


def put(
    connection: Connection, calendar: str, days: dict[date, str | None], *, works: bool = False
) -> None:
    """Let a calendar name days, each with what it is called; those that it has are replaced.

    Transaction: joins the caller's; commits nothing.
    """
    own = tables.calendar_day
    rows = [
        {"calendar": calendar, "day": when, "name": called, "is_working": works}
        for when, called in days.items()
    ]
    query = insert(own).values(rows)
    new = {"name": query.excluded.name, "is_working": query.excluded.is_working}
    with refusals(connection, own, f"of {calendar}"):
        connection.execute(query.on_conflict_do_update(index_elements=own.primary_key, set_=new))


def take(connection: Connection, calendar: str, days: tuple[date, ...]) -> None:
    """Let a calendar name days no more.

    Transaction: joins the caller's; commits nothing.
    """
    own = tables.calendar_day
    connection.execute(delete(own).where(own.c.calendar == calendar, own.c.day.in_(days)))
