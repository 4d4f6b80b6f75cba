"""Linked tasks: flows that run one after another."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import BigInteger, Select, Text, func, literal, select

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, change_row, cleared, delete_row, given
from pgdispatch_cli.commands.enqueue import write_job
from pgdispatch_cli.commands.linked_task.show import show
from pgdispatch_cli.commands.linked_task.steps import set_steps, step_of, steps
from pgdispatch_cli.filtering import Wording, explain_nothing, filtered
from pgdispatch_cli.group import HelpfulGroup
from pgdispatch_cli.options import (
    Command,
    by_option,
    database_option,
    example,
    json_option,
    listing_options,
)
from pgdispatch_cli.output import Column, write_done, write_listing
from pgdispatch_cli.parameters import number, priority
from pgdispatch_cli.transaction import database

COLUMNS = (
    Column("id", "linked task"),
    Column("site", "site", drop=5, least=6),
    Column("title", "title", least=10),
    Column("schedule", "schedule", drop=3, least=8),
    Column("priority", "prio", drop=7),
    Column("enabled", "enabled", drop=4),
    Column("steps", "steps", drop=6),
    Column("last_run_at", "last run", drop=2),
    Column("job", "job", drop=1),
)
WORDING = Wording("there is no linked task{}", "exist", "exists")
CLEARABLE = {"schedule": "schedule", "priority": "priority"}
OPTIONS = (
    click.option("--schedule", help="Schedule that runs it, a parallel one (default: none)."),
    click.option(
        "--priority", type=priority, metavar="N", help="1 (highest) to 100, of each step."
    ),
    click.option(
        "--enable/--disable", "enabled", default=None, help="Whether its schedule runs it."
    ),
)


def details(command: Command) -> Command:
    """Add the options that a linked task can be given when it is added, and later."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.group(cls=HelpfulGroup)
@database_option
def linked_task() -> None:
    """Linked tasks: flows that run one after another.

    A step starts when the one before has ended, and the first that fails ends the run, unless the
    step is marked 'go-on'.
    """


@linked_task.command(
    "add",
    epilog=example(
        "pgdispatch linked-task add 'Load, then check' --schedule nightly --step 11 --step 12:go-on"
    ),
)
@click.argument("title")
@click.option("--site", help="Site, also of its steps (default: default).")
@details
@click.option(
    "--step",
    "chain",
    type=step_of,
    multiple=True,
    metavar="TASK[:go-on]",
    help="A flow; repeat it in the order of the steps.",
)
@database_option
def add(chain: tuple[tuple[int, bool], ...], **values: Any) -> None:
    """Add a linked task; prints its number.

    It takes over the priority that its schedule has now; its steps' own priorities do not count.
    """
    with database() as connection:
        added = add_row(connection, tables.linked_task, given(**values))
        set_steps(connection, added, chain)
    write_done(f"linked task {added} added")


@linked_task.command(
    "change",
    epilog=example(
        "pgdispatch linked-task change 3 --priority 10",
        "pgdispatch linked-task change 3 --clear schedule",
    ),
)
@click.argument("linked", metavar="LINKED-TASK", type=number)
@click.option("--title", help="Name for people.")
@details
@click.option("--clear", type=click.Choice(list(CLEARABLE)), multiple=True, help="Set to nothing.")
@database_option
def change(linked: int, clear: tuple[str, ...], **values: Any) -> None:
    """Change a linked task; a step that is in the queue already stays as it is."""
    changes = cleared(given(**values), clear, CLEARABLE)
    with database() as connection:
        change_row(connection, tables.linked_task, linked, changes)
    write_done(f"linked task {linked} changed")


@linked_task.command("delete", epilog=example("pgdispatch linked-task delete 3"))
@click.argument("linked", metavar="LINKED-TASK", type=number)
@database_option
def delete(linked: int) -> None:
    """Delete a linked task; its flows stay.

    A step that waits or runs is not stopped, and no further one starts.
    """
    with database() as connection:
        delete_row(connection, tables.linked_task, linked)
    write_done(f"linked task {linked} deleted")


@linked_task.command("list", epilog=example("pgdispatch linked-task list --site acme"))
@click.option("--site", help="Only those of this site.")
@click.option("--schedule", help="Only those of this schedule.")
@listing_options
@database_option
def list_linked_tasks(*, as_json: bool, **filters: str | None) -> None:
    """List the linked tasks; job: the step that waits or runs now."""
    own = tables.linked_task
    empty = ""
    with database() as connection:
        rows = connection.execute(filtered(linked_tasks(), own, filters)).mappings().all()
        if not rows:
            empty = explain_nothing(connection, own, filters, WORDING)
    write_listing(rows, COLUMNS, as_json=as_json, empty=empty)


@linked_task.command(
    "run-now",
    epilog=example(
        "pgdispatch linked-task run-now 3", "pgdispatch linked-task run-now 3 --as anna"
    ),
)
@click.argument("linked", metavar="LINKED-TASK", type=number)
@by_option
@json_option
@database_option
def run_now(linked: int, by: str, as_json: bool) -> None:
    """Start a linked task: its first step, with the linked task's priority.

    Refused while a run of it is under way.
    """
    start = func.pgdispatch.run_now_linked_task(literal(linked, BigInteger), literal(by, Text))
    with database() as connection:
        job = connection.execute(select(start)).scalar_one()
    write_job(job, as_json=as_json)


def linked_tasks() -> Select[Any]:
    """Return the query of all linked tasks: how many steps, the last run, the job in the queue."""
    own, run = tables.linked_task, tables.linked_run.c
    count = select(func.count()).where(tables.linked_task_step.c.linked_task == own.c.id)
    of_own = run.linked_task == own.c.id
    last = select(func.max(run.created_at)).where(of_own, run.skipped_for.is_(None))
    job = select(func.min(tables.job.c.id)).where(tables.job.c.linked_run == run.id, of_own)
    return select(
        own,
        count.scalar_subquery().label("steps"),
        last.scalar_subquery().label("last_run_at"),
        job.scalar_subquery().label("job"),
    ).order_by(own.c.id)


linked_task.add_command(show)
linked_task.add_command(steps)
