"""Schedules: when they run, their priority, and firing one by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from sqlalchemy import Text, func, literal, select, true

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, change_row, cleared, given
from pgdispatch_cli.commands.schedule.preview import INSTANT, preview
from pgdispatch_cli.commands.schedule.run_now import run_now
from pgdispatch_cli.group import HelpfulGroup
from pgdispatch_cli.options import Command, database_option, example, listing_options
from pgdispatch_cli.output import Column, write_done, write_listing
from pgdispatch_cli.parameters import priority, when
from pgdispatch_cli.times import format_instant
from pgdispatch_cli.transaction import database

COLUMNS = (
    Column("schedule", "schedule", least=10),
    Column("priority", "prio", drop=4),
    Column("execution", "execution", drop=3),
    Column("enabled", "enabled", drop=6),
    Column("recurrence", "recurrence", drop=2, least=12),
    Column("time_zone", "zone", drop=9, least=8),
    Column("missed_runs", "missed", drop=11),
    Column("next_run_at", "next run"),
    Column("tasks", "tasks", drop=8),
    Column("linked_tasks", "linked", drop=10),
    Column("suspended", "suspended", drop=5),
    Column("last_run_at", "last run", drop=7),
    Column("last_error", "last error", drop=1, least=14),
    Column("served_ahead", "served ahead", drop=12, least=16),
)
EXECUTION = click.Choice(["parallel", "serial"])
MISSED = click.Choice(["skip", "once", "all"])
OPTIONS = (
    click.option("--execution", type=EXECUTION, help="serial: one job at a time, cluster-wide."),
    click.option("--recurrence", metavar="TEXT", help="When it runs: 'daily at 02:30'."),
    click.option("--time-zone", metavar="ZONE", help="Where that counts (default: UTC)."),
    click.option(
        "--missed", "missed_runs", type=MISSED, help="Times nobody was up for (default: once)."
    ),
    click.option(
        "--max-missed",
        "max_missed_runs",
        type=click.IntRange(min=1, max=1000),
        metavar="N",
        help="With --missed all: so many at most, the latest (default: 10).",
    ),
    click.option("--enable/--disable", "enabled", default=None, help="Whether it creates jobs."),
)


def details(command: Command) -> Command:
    """Add the options that a schedule can be given when it is added, and later."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.group(cls=HelpfulGroup)
@database_option
def schedule() -> None:
    """Schedules: when they run, with what priority, parallel or serial.

    \b
    A recurrence is one of
      every 15 minutes        or 30 minutes, or 1, 2, 4, 6, 8, 12 hours; also: from 06:00 to 22:00
      daily at 02:30
      weekly on mon, wed at 08:00
      monthly on 1, 15, last at 03:00
      monthly on second tuesday at 03:00
      cron 0 2 * * 1-5
    """  # noqa: D301  # \b is click's mark for lines to be kept


@schedule.command(
    "add",
    epilog=example(
        "pgdispatch schedule add nightly --recurrence 'daily at 02:30' --time-zone Europe/Berlin",
        "pgdispatch schedule add by-hand --priority 20 --execution serial",
    ),
)
@click.argument("name")
@click.option("--priority", type=priority, metavar="N", help="1 (highest) to 100 (default: 50).")
@click.option("--custom", is_flag=True, help="A user made it for one subscription or alert.")
@details
@database_option
def add(name: str, custom: bool, **values: Any) -> None:
    """Add a schedule; without a recurrence it runs only when started or fired by hand."""
    row = {**given(name=name, **values), "is_custom": custom}
    with database() as connection:
        add_row(connection, tables.schedule, row)
    write_done(f"schedule {name} added")


@schedule.command(
    "change",
    epilog=example(
        "pgdispatch schedule change nightly --priority 10",
        "pgdispatch schedule change nightly --clear recurrence",
    ),
)
@click.argument("name")
@click.option(
    "--priority", type=priority, metavar="N", help="1 (highest) to 100; existing tasks keep theirs."
)
@details
@click.option("--clear", type=click.Choice(["recurrence"]), multiple=True, help="Set to nothing.")
@database_option
def change(name: str, clear: tuple[str, ...], **values: Any) -> None:
    """Change a schedule; a new recurrence counts from now on.

    Extract and flow tasks took their priority from it when they were created and keep it;
    subscriptions and alerts read it each time. Jobs that exist already stay as they are.
    """
    changes = cleared(given(**values), clear, {"recurrence": "recurrence"})
    with database() as connection:
        change_row(connection, tables.schedule, name, changes)
    write_done(f"schedule {name} changed")


@schedule.command("list", epilog=example("pgdispatch schedule list --json"))
@listing_options
@database_option
def list_schedules(as_json: bool) -> None:
    """List the schedules: when each runs next, and when it ran last.

    suspended: how many of its tasks have failed too often in a row. served ahead: the times ahead
    for which it was fired early. With --json also the next five runs.
    """
    state, own = tables.schedule_status, tables.schedule.c
    query = (
        select(state, own.is_custom, own.max_missed_runs)
        .join(tables.schedule, own.name == state.c.schedule)
        .order_by(own.name)
    )
    with database() as connection:
        rows = connection.execute(query).mappings().all()
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no schedule")


@schedule.command(
    "fire",
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
def fire(name: str, at: datetime | None, early: bool) -> None:
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


schedule.add_command(preview)
schedule.add_command(run_now)
