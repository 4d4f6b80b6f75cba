"""Change a linked task."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import change_row, cleared, given
from pgdispatch_cli.commands.linked_task.add import details
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import number
from pgdispatch_cli.transaction import database

CLEARABLE = {"schedule": "schedule", "priority": "priority"}


@click.command(
    epilog=example(
        "pgdispatch linked-task change 3 --priority 10",
        "pgdispatch linked-task change 3 --clear schedule",
    ),
)
@click.argument("linked", metavar="LINKED-TASK", type=number)
@click.option("--title", help="Name for people.")
@details
@click.option("--clear", type=click.Choice(list(CLEARABLE)), multiple=True, help="Set to nothing.")
@reason_option
@json_option
@database_option
def command(linked: int, clear: tuple[str, ...], as_json: bool, **values: Any) -> None:
    """Change a linked task; a step that is in the queue already stays as it is."""
    changes = cleared(given(**values), clear, CLEARABLE)
    with database() as connection:
        change_row(connection, tables.linked_task, linked, changes)
    write_done(f"linked task {linked} changed", {"linked_task": linked}, as_json=as_json)
