"""Schedules: priority, parallel or serial, and firing one by hand."""

from __future__ import annotations

from datetime import datetime

import click
from sqlalchemy import DateTime, Text, func, literal, select

from pgdispatch import metadata
from pgdispatch_cli.changing import add_row, change_row, given
from pgdispatch_cli.connecting import database
from pgdispatch_cli.group import HelpfulGroup
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.parameters import PRIORITY, when

COLUMNS = (
    Column("name", "schedule", folds=True),
    Column("priority", "prio"),
    Column("execution", "execution"),
    Column("enabled", "enabled"),
    Column("is_custom", "custom"),
    Column("tasks", "tasks"),
    Column("last_scheduled_at", "last time"),
)
EXECUTION = click.Choice(["parallel", "serial"])


@click.group(cls=HelpfulGroup)
@database_option
def schedule() -> None:
    """Schedules: their priority, parallel or serial."""


@schedule.command(
    "add", epilog=example("pgdispatch schedule add nightly --priority 20 --execution serial")
)
@click.argument("name")
@click.option("--priority", type=PRIORITY, metavar="N", help="1 (highest) to 100 (default: 50).")
@click.option("--execution", type=EXECUTION, help="serial: one job at a time, cluster-wide.")
@click.option("--custom", is_flag=True, help="A user made it for one subscription or alert.")
@click.option("--enable/--disable", default=None, help="Whether it creates jobs.")
@database_option
def add(
    name: str, priority: int | None, execution: str | None, custom: bool, enable: bool | None
) -> None:
    """Add a schedule."""
    values = given(name=name, priority=priority, execution=execution, enabled=enable)
    with database() as connection:
        add_row(connection, metadata.schedule, {**values, "is_custom": custom})
    click.echo(f"schedule {name} added")


@schedule.command("change", epilog=example("pgdispatch schedule change nightly --priority 10"))
@click.argument("name")
@click.option(
    "--priority", type=PRIORITY, metavar="N", help="1 (highest) to 100; existing tasks keep theirs."
)
@click.option("--execution", type=EXECUTION, help="Counts for jobs created from now on.")
@click.option("--enable/--disable", default=None, help="Whether it creates jobs.")
@database_option
def change(name: str, priority: int | None, execution: str | None, enable: bool | None) -> None:
    """Change a schedule.

    Extract and flow tasks took their priority from it when they were created and keep it;
    subscriptions and alerts read it each time.
    """
    values = given(priority=priority, execution=execution, enabled=enable)
    with database() as connection:
        change_row(connection, metadata.schedule, name, values)
    click.echo(f"schedule {name} changed")


@schedule.command("list", epilog=example("pgdispatch schedule list --json"))
@json_option
@database_option
def list_schedules(as_json: bool) -> None:
    """List the schedules.

    With how many tasks each has, and the last scheduled time that it was fired for.
    """
    name = metadata.schedule.c.name
    task, occurrence = metadata.task.c, metadata.occurrence.c
    tasks = select(func.count()).where(task.schedule == name).scalar_subquery()
    last = (
        select(func.max(occurrence.scheduled_at))
        .where(occurrence.task == task.id, task.schedule == name)
        .scalar_subquery()
    )
    query = select(
        metadata.schedule, tasks.label("tasks"), last.label("last_scheduled_at")
    ).order_by(name)
    with database() as connection:
        rows = connection.execute(query).mappings().all()
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no schedule")


@schedule.command(
    "fire",
    epilog=example(
        "pgdispatch schedule fire nightly", "pgdispatch schedule fire nightly --at 22:00"
    ),
)
@click.argument("name")
@click.option("--at", type=when, help="The scheduled time it is for (default: now).")
@database_option
def fire(name: str, at: datetime | None) -> None:
    """Create a schedule's jobs for one scheduled time.

    One for each enabled task. Doing it again for the same time creates none; a task that has a
    job waiting is skipped.
    """
    time = func.pgdispatch.now() if at is None else literal(at, DateTime(timezone=True))
    with database() as connection:
        made = connection.execute(
            select(func.pgdispatch.fire(literal(name, Text), time))
        ).scalar_one()
    click.echo(f"{made} {'job' if made == 1 else 'jobs'} created")
