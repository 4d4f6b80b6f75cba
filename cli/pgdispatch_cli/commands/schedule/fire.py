"""Create a schedule's jobs by hand: for one scheduled time, or for all of a span that is past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from shlex import quote
from typing import Any

import click
from sqlalchemy import (
    BigInteger,
    ColumnClause,
    Connection,
    Text,
    column,
    func,
    literal,
    literal_column,
    select,
    true,
)

from pgdispatch import tables
from pgdispatch_cli.commands.schedule.preview import INSTANT
from pgdispatch_cli.commands.status import count_of
from pgdispatch_cli.options import database_option, example, listing_options, reason_option
from pgdispatch_cli.output import Column, Row, write_done, write_json, write_table
from pgdispatch_cli.parameters import when
from pgdispatch_cli.stderr import write_remark
from pgdispatch_cli.times import format_instant
from pgdispatch_cli.transaction import database

SHOWN = 10
COLUMNS = (
    Column("scheduled_at", "scheduled"),
    Column("jobs", "jobs"),
    Column("served", "had before"),
    Column("passed_over", "passed over"),
)


@click.command(
    epilog=example(
        "pgdispatch schedule fire nightly",
        "pgdispatch schedule fire nightly --at 2026-03-01T02:30",
        "pgdispatch schedule fire nightly --at 22:00 --early",
        "pgdispatch schedule fire nightly --from 2026-03-01 --to 2026-03-08 --yes",
    ),
)
@click.argument("name")
@click.option("--at", type=when, help="The scheduled time it is for (default: now).")
@click.option("--early", is_flag=True, help="It may lie ahead; the clock leaves it out then.")
@click.option("--from", "first", type=when, help="Backfill: all its times from this one on.")
@click.option("--to", "last", type=when, help="Up to this one (default: now).")
@click.option("--yes", is_flag=True, help="Backfill; without it, say what would be created.")
@reason_option
@listing_options
@database_option
def command(
    *,
    name: str,
    at: datetime | None,
    early: bool,
    first: datetime | None,
    last: datetime | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Create a schedule's jobs for one scheduled time.

    One for each enabled task, with its usual priority and place; the clock does it for each run.
    Doing it again for the same time creates none; a task that has a job waiting is skipped, and so
    is a suspended one. A time that lies ahead is refused without --early: its jobs run now, and
    not once more when it comes.

    With --from it is a backfill: a job for each task and each past time of the schedule that has
    had none, even if it was skipped, and beside what waits or runs of the task. They are added to
    the queue now, the earliest first. At most 500 times, and 10,000 jobs; a linked task begins one
    run.
    """
    if first is None and (last is not None or yes):
        raise click.UsageError("--to and --yes need --from")
    if first is not None and (at is not None or early):
        raise click.UsageError("--from excludes --at and --early")
    if first is None:
        fire(name, at, early=early, as_json=as_json)
    else:
        backfill(name, (first, last), is_meant=yes, as_json=as_json)


def fire(name: str, at: datetime | None, *, early: bool, as_json: bool) -> None:
    """Create the jobs of one scheduled time, and say how many, or which."""
    status = tables.schedule_status.c
    with database() as connection:
        time = at or connection.execute(select(func.pgdispatch.now())).scalar_one()
        arguments = (literal(name, Text), literal(time, INSTANT), *([true()] if early else []))
        made = connection.execute(select(func.pgdispatch.fire(*arguments))).scalar_one()
        if as_json:
            write_json(made_here(connection, name, time))
            return
        ahead = connection.execute(select(status.served_ahead).where(status.schedule == name))
        is_served = early and time in (ahead.scalar() or ())
    served = f"; the run of {format_instant(time)} has been served" if is_served else ""
    write_done(f"{count_of(made, 'job')} created{served}")


def made_here(connection: Connection, name: str, time: datetime) -> list[Row]:
    """Return the jobs of a schedule that this transaction has made, in the form of `backfill`.

    Transaction: joins the caller's; reads only.
    """
    job, run = tables.job.c, tables.linked_run.c
    own = literal_column("job.xmin") == func.xid(func.pg_current_xact_id())
    query = (
        select(job.scheduled_at, job.task, run.linked_task, job.id.label("job"))
        .select_from(tables.job)
        .outerjoin(tables.linked_run, run.id == job.linked_run)
        .where(job.schedule == name, job.scheduled_at == time, own)
        .order_by(job.id)
    )
    return [
        {**row, "task": None if row["linked_task"] else row["task"]}
        for row in connection.execute(query).mappings()
    ]


def backfill(
    name: str, span: tuple[datetime, datetime | None], *, is_meant: bool, as_json: bool
) -> None:
    """Backfill a schedule, or, unless that `is_meant`, show what it would create."""
    scheduled: ColumnClause[Any] = column("scheduled_at", INSTANT)
    with database() as connection:
        if is_meant:
            fields = [scheduled, *numbers("task", "linked_task", "job")]
            found = call(connection, func.pgdispatch.backfill, name, span, fields)
        else:
            fields = [scheduled, *numbers("jobs", "served", "passed_over")]
            found = call(connection, func.pgdispatch.preview_backfill, name, span, fields)
    if as_json:
        write_json(found)
    elif is_meant:
        times = {row["scheduled_at"] for row in found}
        made = count_of(len(found), "job") + " created"
        write_done(f"{made} for {count_of(len(times), 'scheduled time')}" if found else made)
    else:
        show(name, found)


def show(name: str, times: Sequence[Row]) -> None:
    """Show what a backfill would create, time by time, up to `SHOWN`."""
    if not times:
        write_remark(f"schedule {quote(name)} had no time in that span")
        return
    write_table(times[:SHOWN], COLUMNS)
    if len(times) > SHOWN:
        write_remark(f"and {count_of(len(times) - SHOWN, 'time')} more; --json has all")
    jobs = count_of(sum(row["jobs"] for row in times), "job")
    write_remark(f"{jobs} for {count_of(len(times), 'time')}; nothing was done: --yes does it")


def numbers(*names: str) -> list[ColumnClause[Any]]:
    """Return columns of numbers."""
    return [column(name, BigInteger) for name in names]


def call(
    connection: Connection,
    verb: Any,
    name: str,
    span: tuple[datetime, datetime | None],
    fields: Sequence[ColumnClause[Any]],
) -> list[Row]:
    """Return the rows of `backfill` or `preview_backfill`, in their order.

    Transaction: joins the caller's; commits nothing.
    """
    first, last = span
    until = func.pgdispatch.now() if last is None else literal(last, INSTANT)
    rows = verb(literal(name, Text), literal(first, INSTANT), until).table_valued(*fields)
    return [dict(row) for row in connection.execute(select(rows)).mappings()]
