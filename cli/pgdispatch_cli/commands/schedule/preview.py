"""When a schedule runs: its next times, in its own zone and in UTC."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timezone
from shlex import quote
from typing import Any

import click
from cronsim import CronSim, CronSimError
from sqlalchemy import Column as Field
from sqlalchemy import Connection, Date, DateTime, Integer, Text, func, literal, select
from sqlalchemy.exc import DBAPIError

from pgdispatch import tables
from pgdispatch.errors import InvalidInputError
from pgdispatch_cli.changing import missing
from pgdispatch_cli.commands.schedule.add import FREE_DAY
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_folded, write_listing
from pgdispatch_cli.parameters import when
from pgdispatch_cli.stderr import printable, write_remark
from pgdispatch_cli.transaction import database

INSTANT = DateTime(timezone=True)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NO_SUCH_ZONE = "22023"  # invalid parameter value; nothing else here can be one


@dataclass(frozen=True)
class Times:
    """What the next runs follow from; `schedule`: from this one as it is, with its windows."""

    recurrence: str
    time_zone: str
    enabled: bool
    calendar: str | None = None
    on_free_day: str = "run"
    schedule: str | None = None


@click.command(
    epilog=example(
        "pgdispatch schedule preview nightly --count 5",
        "pgdispatch schedule preview --recurrence 'cron 0 2 * * 1-5' --time-zone Asia/Tokyo",
        "pgdispatch schedule preview nightly --calendar DE --on-free-day before",
    ),
)
@click.argument("name", required=False)
@click.option("--recurrence", metavar="TEXT", help="Try this one; nothing is changed.")
@click.option("--time-zone", metavar="ZONE", help="In this zone (default: the schedule's, or UTC).")
@click.option("--calendar", metavar="NAME", help="By this calendar (default: the schedule's).")
@click.option("--on-free-day", type=FREE_DAY, help="What becomes of times on free days.")
@click.option(
    "--count",
    type=click.IntRange(min=1, max=10_000),
    metavar="N",
    default=10,
    show_default=True,
    help="So many runs.",
)
@click.option("--after", type=when, help="From this time on (default: now).")
@listing_options
@database_option
def command(
    *,
    name: str | None,
    recurrence: str | None,
    time_zone: str | None,
    calendar: str | None,
    on_free_day: str | None,
    count: int,
    after: datetime | None,
    as_json: bool,
) -> None:
    """Show the next runs of a schedule, or of a recurrence that you are thinking of.

    With weekday and local time, of the schedule's zone with its offset, and in UTC; with what its
    calendar and its closed windows move or leave out. A cron expression is also said in words.
    """
    if name is None and recurrence is None:
        raise click.UsageError("name a schedule, or a recurrence with --recurrence")
    with database() as connection:
        times = times_of(connection, name, recurrence, time_zone)
        if recurrence or time_zone or calendar or on_free_day:  # no longer as it is
            times = replace(
                times,
                calendar=calendar or times.calendar,
                on_free_day=on_free_day or times.on_free_day,
                schedule=None,
            )
        rows = next_runs(connection, times, after, count)
    if not as_json:
        write_folded(heading(times), first="")
        click.echo()
    shown = columns(times.time_zone, with_notes=any(row["note"] for row in rows))
    if not as_json:  # a day that is left out has no time
        rows = [{**row, "shown": minute(row["local_time"] or row["day"])} for row in rows]
    write_listing(rows, shown, as_json=as_json, empty="it never runs")
    if not times.enabled:
        write_remark(f"schedule {name} is disabled; it would run so if it were not")


def times_of(
    connection: Connection, name: str | None, recurrence: str | None, time_zone: str | None
) -> Times:
    """Return what a schedule says, or what was given in place of that.

    Transaction: joins the caller's; commits nothing.
    """
    if name is None:
        return Times(recurrence or "", time_zone or "UTC", enabled=True)
    query = select(tables.schedule).where(tables.schedule.c.name == name)
    found = connection.execute(query).mappings().one_or_none()
    if found is None:
        raise missing(tables.schedule, name)
    recurrence = recurrence or found["recurrence"]
    if recurrence is None:
        raise InvalidInputError(
            f"schedule {name} has no recurrence",
            hint="give it one: "
            f"pgdispatch schedule change {quote(name)} --recurrence 'daily at 02:30'",
        )
    return Times(
        recurrence,
        time_zone or found["time_zone"],
        enabled=found["enabled"],
        calendar=found["calendar"],
        on_free_day=found["on_free_day"],
        schedule=name,
    )


def next_runs(
    connection: Connection, times: Times, after: datetime | None, count: int
) -> list[dict[str, Any]]:
    """Return the next runs, each with its weekday and its local time.

    Transaction: joins the caller's; commits nothing.
    """
    start = func.pgdispatch.now() if after is None else literal(after, INSTANT)
    zone = literal(times.time_zone, Text)
    many = literal(count, Integer)
    if times.schedule is not None:
        asked = func.pgdispatch.preview_schedule(literal(times.schedule, Text), start, many)
    else:
        asked = func.pgdispatch.preview_runs(
            literal(times.recurrence, Text),
            *(zone, start, many, literal(times.calendar, Text), literal(times.on_free_day, Text)),
        )
    runs = asked.table_valued(Field("run_at", INSTANT), Field("day", Date), Field("note", Text))
    run = runs.c.run_at
    query = select(run, func.timezone(zone, run, type_=DateTime()), runs.c.day, runs.c.note)
    try:
        return [as_row(*found) for found in connection.execute(query)]
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != NO_SUCH_ZONE:
            raise
        raise InvalidInputError(
            f"time zone {times.time_zone!r} does not exist",
            hint="use the name of a zone, such as Europe/Berlin; all are in pg_timezone_names",
        ) from None


def as_row(
    run: datetime | None, local: datetime | None, day: date, note: str | None = None
) -> dict[str, Any]:
    """Return a run with its local time, which carries the offset of that day; or a free day."""
    if run is None or local is None:
        weekday = WEEKDAYS[day.weekday()]
        return {"run_at": None, "weekday": weekday, "local_time": None, "day": day, "note": note}
    utc = run.astimezone(UTC)
    local = local.replace(tzinfo=timezone(local - utc.replace(tzinfo=None)))
    weekday = WEEKDAYS[local.weekday()]
    return {"run_at": utc, "weekday": weekday, "local_time": local, "day": day, "note": note}


def columns(time_zone: str, *, with_notes: bool = False) -> tuple[Column, ...]:
    """Return the columns of the table; the local time stands under the name of its zone."""
    local = (Column("weekday", "day"), Column("shown", time_zone))
    utc = () if time_zone == "UTC" else (Column("run_at", "UTC", form=minute),)
    note = (Column("note", "", least=20),) if with_notes else ()
    return (*local, *utc, *note)


def minute(instant: datetime | date) -> str:
    """Return an instant in its own zone, with the offset unless that is none; of a day itself."""
    if not isinstance(instant, datetime):
        return instant.isoformat()
    text = instant.isoformat(" ", "minutes")
    return f"{text[:16]} {text[16:]}" if instant.utcoffset() else text[:16]


def heading(times: Times) -> str:
    """Return what the runs follow from, with a cron expression in words."""
    words = explain_cron(times.recurrence)
    said = f" ({words})" if words else ""
    by = f", calendar {printable(times.calendar)}" if times.calendar else ""
    by += f", free days: {times.on_free_day}" if times.on_free_day != "run" else ""
    return f"{printable(times.recurrence)}{said}, {printable(times.time_zone)}{by}"


def explain_cron(recurrence: str) -> str | None:
    """Return a cron expression in words; None for another recurrence, or if there are none."""
    kind, *fields = recurrence.lower().split()
    if kind != "cron":
        return None
    try:
        return CronSim(" ".join(fields), datetime(2000, 1, 1)).explain()
    except CronSimError:
        return None  # PostgreSQL's reading is the one that counts, and it understood
