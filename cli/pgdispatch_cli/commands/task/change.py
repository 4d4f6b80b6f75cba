"""Change a task."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import change_row, cleared, given
from pgdispatch_cli.commands.task.add import details
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import number
from pgdispatch_cli.transaction import database

CLEARABLE = {
    "schedule": "schedule",
    "priority": "priority",
    "datasource": "datasource",
    "timeout": "timeout",
    "max-attempts": "max_attempts",
}


@click.command(
    epilog=example(
        "pgdispatch task change 7 --priority 10", "pgdispatch task change 7 --clear schedule"
    ),
)
@click.argument("task_number", metavar="TASK", type=number)
@click.option("--title", help="Name for people.")
@details
@click.option("--clear", type=click.Choice(list(CLEARABLE)), multiple=True, help="Set to nothing.")
@reason_option
@json_option
@database_option
def command(task_number: int, clear: tuple[str, ...], as_json: bool, **values: Any) -> None:
    """Change a task; jobs that exist already stay as they are.

    Its failures in a row do not count any more, and if it was suspended, it is not.
    """
    changes = cleared(given(**values), clear, CLEARABLE)
    with database() as connection:
        change_row(connection, tables.task, task_number, changes)
    write_done(f"task {task_number} changed", {"task": task_number}, as_json=as_json)
