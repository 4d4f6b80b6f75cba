"""Tasks: what a schedule or Run Now starts."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import BigInteger, FromClause, Text, func, literal, select

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, change_row, cleared, given
from pgdispatch_cli.filtering import Wording, explain_nothing, filtered
from pgdispatch_cli.group import HelpfulGroup
from pgdispatch_cli.options import Command, database_option, example, listing_options
from pgdispatch_cli.output import Column, write_done, write_listing
from pgdispatch_cli.parameters import ATTEMPTS, json_object, number, priority, span
from pgdispatch_cli.transaction import database

COLUMNS = (
    Column("task", "task"),
    Column("site", "site", drop=6, least=6),
    Column("type", "type", drop=5, least=8),
    Column("title", "title", least=10),
    Column("schedule", "schedule", drop=2, least=8),
    Column("priority", "prio", drop=7),
    Column("datasource", "datasource", drop=9, least=10),
    Column("enabled", "enabled", drop=4),
    Column("failures", "failures", drop=8),
    Column("suspended_at", "suspended", drop=3),
    Column("usually_for", "usually", drop=10),
    Column("job", "job", drop=1),
)
WORDINGS = {
    False: Wording("there is no task{}", "exist", "exists"),
    True: Wording("no task{} is suspended", "are", "is"),
}
CLEARABLE = {
    "schedule": "schedule",
    "priority": "priority",
    "datasource": "datasource",
    "timeout": "timeout",
    "max-attempts": "max_attempts",
}


def details(command: Command) -> Command:
    """Add the options that a task can be given when it is added, and later."""
    for option in reversed(
        (
            click.option("--schedule", help="Schedule that runs it (default: only Run Now)."),
            click.option("--priority", type=priority, metavar="N", help="1 (highest) to 100."),
            click.option("--datasource", help="What it refreshes; never two at once on one."),
            click.option(
                "--args", type=json_object, metavar="JSON", help="JSON object for the handler."
            ),
            click.option("--timeout", type=span, help="90s, 15min, 1h30m (default: its type's)."),
            click.option(
                "--max-attempts",
                type=ATTEMPTS,
                metavar="N",
                help="How often a job of it is tried (default: its type's).",
            ),
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
        added = add_row(connection, tables.task, given(**values))
    write_done(f"task {added} added")


@task.command(
    "change",
    epilog=example(
        "pgdispatch task change 7 --priority 10", "pgdispatch task change 7 --clear schedule"
    ),
)
@click.argument("task_number", metavar="TASK", type=number)
@click.option("--title", help="Name for people.")
@details
@click.option("--clear", type=click.Choice(list(CLEARABLE)), multiple=True, help="Set to nothing.")
@database_option
def change(task_number: int, clear: tuple[str, ...], **values: Any) -> None:
    """Change a task; jobs that exist already stay as they are.

    Its failures in a row do not count any more, and if it was suspended, it is not.
    """
    changes = cleared(given(**values), clear, CLEARABLE)
    with database() as connection:
        change_row(connection, tables.task, task_number, changes)
    write_done(f"task {task_number} changed")


@task.command("list", epilog=example("pgdispatch task list --site acme --type full_extract"))
@click.option("--site", help="Only tasks of this site.")
@click.option("--type", metavar="TYPE", help="Only tasks of this type.")
@click.option("--schedule", help="Only tasks of this schedule.")
@click.option("--suspended", is_flag=True, help="Only those that failed too often in a row.")
@listing_options
@database_option
def list_tasks(*, suspended: bool, as_json: bool, **filters: str | None) -> None:
    """List the tasks.

    A task without a priority reads that of its schedule. failures: how many jobs in a row have
    failed by now. suspended: since when its schedule passes it over. job: the one that waits or
    runs now.
    """
    state, own = tables.task_status, tables.task.c
    settled = (own.args, own.timeout, own.max_attempts, own.created_at, own.enabled_at)
    query = select(state, *settled).join(tables.task, own.id == state.c.task).order_by(own.id)
    of: FromClause = tables.task
    if suspended:
        query = query.where(state.c.suspended_at.is_not(None))
        of = select(state).where(state.c.suspended_at.is_not(None)).subquery()
    empty = ""
    with database() as connection:
        rows = connection.execute(filtered(query, state, filters)).mappings().all()
        if not rows:
            empty = explain_nothing(connection, of, filters, WORDINGS[suspended])
    write_listing(rows, COLUMNS, as_json=as_json, empty=empty)


@task.command("resume", epilog=example("pgdispatch task resume 7"))
@click.argument("task_number", metavar="TASK", type=number)
@database_option
def resume(task_number: int) -> None:
    """Let a suspended task run again; its failures so far do not count any more."""
    lift = func.pgdispatch.resume(literal(task_number, BigInteger))
    with database() as connection:
        was_suspended = connection.execute(select(lift)).scalar_one()
    was = "resumed" if was_suspended else "was not suspended; its failures count anew"
    write_done(f"task {task_number} {was}")


@task.command("republish", epilog=example("pgdispatch task republish acme sales"))
@click.argument("site")
@click.argument("datasource")
@database_option
def republish(site: str, datasource: str) -> None:
    """Start the tasks of a datasource afresh.

    For one that was published anew. They take the priority that their schedule has now, and lose
    their run-time history and their failures; a suspended one is resumed.
    """
    renew = func.pgdispatch.republish(literal(site, Text), literal(datasource, Text))
    with database() as connection:
        count = connection.execute(select(renew)).scalar_one()
    write_done(f"{count} {'task' if count == 1 else 'tasks'} started afresh")
