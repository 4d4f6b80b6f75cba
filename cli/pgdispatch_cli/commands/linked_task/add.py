"""Add a linked task."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, given
from pgdispatch_cli.commands.linked_task.steps import set_steps, step_of
from pgdispatch_cli.options import Command, database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import priority
from pgdispatch_cli.transaction import database

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


@click.command(
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
@reason_option
@json_option
@database_option
def command(chain: tuple[tuple[int, bool], ...], as_json: bool, **values: Any) -> None:
    """Add a linked task; prints its number.

    It takes over the priority that its schedule has now; its steps' own priorities do not count.
    """
    with database() as connection:
        added = add_row(connection, tables.linked_task, given(**values))
        set_steps(connection, added, chain)
    write_done(f"linked task {added} added", {"linked_task": added}, as_json=as_json)
