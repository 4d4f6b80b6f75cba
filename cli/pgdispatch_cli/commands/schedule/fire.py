"""Create a schedule's jobs by hand."""

from __future__ import annotations

from datetime import datetime

import click
from sqlalchemy import Text, func, literal, select, true

from pgdispatch import tables
from pgdispatch_cli.commands.schedule.preview import INSTANT
from pgdispatch_cli.options import database_option, example
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import when
from pgdispatch_cli.times import format_instant
from pgdispatch_cli.transaction import database


@click.command(
    epilog=example(
        "pgdispatch schedule fire nightly",
        "pgdispatch schedule fire nightly --at 2026-03-01T02:30",
        "pgdispatch schedule fire nightly --at 22:00 --early",
    ),
)
@click.argument("name")
@click.option("--at", type=when, help="The scheduled time it is for (default: now).")
@click.option("--early", is_flag=True, help="It may lie ahead; the clock leaves it out then.")
@database_option
def command(name: str, at: datetime | None, early: bool) -> None:
    """Create a schedule's jobs for one scheduled time.

    One for each enabled task, with its usual priority and place; the clock does it for each run.
    Doing it again for the same time creates none; a task that has a job waiting is skipped, and so
    is a suspended one. A time that lies ahead is refused without --early: its jobs run now, and
    not once more when it comes.
    """
    time = func.pgdispatch.now() if at is None else literal(at, INSTANT)
    arguments = (literal(name, Text), time, *([true()] if early else []))
    ahead = tables.schedule_status.c.served_ahead
    is_ahead = select(literal(at, INSTANT) == ahead.any_()).where(
        tables.schedule_status.c.schedule == name
    )
    with database() as connection:
        made = connection.execute(select(func.pgdispatch.fire(*arguments))).scalar_one()
        is_served = early and connection.execute(is_ahead).scalar()
    served = f"; the run of {format_instant(at)} has been served" if at and is_served else ""
    write_done(f"{made} {'job' if made == 1 else 'jobs'} created{served}")
