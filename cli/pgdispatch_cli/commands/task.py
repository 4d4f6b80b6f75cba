"""Tasks: what a schedule or Run Now starts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click
from sqlalchemy import Select, Text, func, literal, select

from pgdispatch import metadata
from pgdispatch_cli.changing import add_row, change_row, given
from pgdispatch_cli.connecting import database
from pgdispatch_cli.group import HelpfulGroup
from pgdispatch_cli.options import Command, database_option, example, json_option
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.parameters import PRIORITY, json_object, number, span

COLUMNS = (
    Column("id", "task"),
    Column("site", "site", folds=True),
    Column("type", "type"),
    Column("title", "title", folds=True),
    Column("schedule", "schedule", folds=True),
    Column("priority", "prio"),
    Column("datasource", "datasource", folds=True),
    Column("enabled", "enabled"),
    Column("usually_for", "usually"),
    Column("job", "job"),
)
CLEARABLE = ["schedule", "priority", "datasource", "timeout"]


def details(command: Command) -> Command:
    """Add the options that a task can be given when it is added, and later."""
    for option in reversed(
        (
            click.option("--schedule", help="Schedule that runs it (default: only Run Now)."),
            click.option("--priority", type=PRIORITY, metavar="N", help="1 (highest) to 100."),
            click.option("--datasource", help="What it refreshes; never two at once on one."),
            click.option(
                "--args", type=json_object, metavar="JSON", help="JSON object for the handler."
            ),
            click.option("--timeout", type=span, help="90s, 15min, 1h30m (default: its type's)."),
            click.option(
                "--enable/--disable", "enabled", default=None, help="Whether its schedule runs it."
            ),
        )
    ):
        command = option(command)
    return command


@click.group(cls=HelpfulGroup)
@database_option
def task() -> None:
    """Tasks: what a schedule or Run Now starts."""


@task.command(
    "add",
    epilog=example(
        "pgdispatch task add 'Sales, full' full_extract --schedule nightly --datasource sales"
    ),
)
@click.argument("title")
@click.argument("type")
@click.option("--site", help="Site (default: default).")
@details
@database_option
def add(**values: Any) -> None:
    """Add a task of a job TYPE; prints its number.

    An extract or flow task takes over the priority that its schedule has now.
    """
    with database() as connection:
        added = add_row(connection, metadata.task, given(**values))
    click.echo(f"task {added} added")


@task.command(
    "change",
    epilog=example(
        "pgdispatch task change 7 --priority 10", "pgdispatch task change 7 --clear schedule"
    ),
)
@click.argument("task_number", metavar="TASK", type=number)
@click.option("--title", help="Name for people.")
@details
@click.option("--clear", type=click.Choice(CLEARABLE), multiple=True, help="Set to nothing.")
@database_option
def change(
    task_number: int,
    clear: tuple[str, ...],
    args: dict[str, Any] | None,
    timeout: timedelta | None,
    **values: Any,
) -> None:
    """Change a task; jobs that exist already stay as they are."""
    changes = given(args=args, timeout=timeout, **values)
    both = sorted(set(clear) & set(changes))
    if both:
        raise click.UsageError(f"{both[0]} cannot be both set and cleared")
    with database() as connection:
        change_row(connection, metadata.task, task_number, {**changes, **dict.fromkeys(clear)})
    click.echo(f"task {task_number} changed")


@task.command("list", epilog=example("pgdispatch task list --site acme --type full_extract"))
@click.option("--site", help="Only tasks of this site.")
@click.option("--type", metavar="TYPE", help="Only tasks of this type.")
@click.option("--schedule", help="Only tasks of this schedule.")
@json_option
@database_option
def list_tasks(*, as_json: bool, **filters: str | None) -> None:
    """List the tasks.

    A task without a priority reads that of its schedule. job: the one that waits or runs now.
    """
    query = tasks()
    for name, value in given(**filters).items():
        query = query.where(metadata.task.c[name] == value)
    with database() as connection:
        rows = connection.execute(query).mappings().all()
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no such task")


@task.command("republish", epilog=example("pgdispatch task republish acme sales"))
@click.argument("site")
@click.argument("datasource")
@database_option
def republish(site: str, datasource: str) -> None:
    """Start the tasks of a datasource afresh.

    For one that was published anew. They take the priority that their schedule has now, and lose
    their run-time history.
    """
    renew = func.pgdispatch.republish(literal(site, Text), literal(datasource, Text))
    with database() as connection:
        count = connection.execute(select(renew)).scalar_one()
    click.echo(f"{count} {'task' if count == 1 else 'tasks'} started afresh")


def tasks() -> Select[Any]:
    """Return the query of all tasks, with their usual time and their job in the queue."""
    # history_since is for the database alone: usually_for is what follows from it
    fields = [column for column in metadata.task.c if column.name != "history_since"]
    own = metadata.task.c.id
    job = select(func.min(metadata.job.c.id)).where(metadata.job.c.task == own)
    # make_interval(years, months, weeks, days, hours, mins, secs)
    usual = func.make_interval(0, 0, 0, 0, 0, 0, func.pgdispatch.usual_seconds(own))
    return select(*fields, usual.label("usually_for"), job.scalar_subquery().label("job")).order_by(
        own
    )
