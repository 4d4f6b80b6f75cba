"""Delete a task."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import delete_thing, naming_options
from pgdispatch_cli.options import database_option, example
from pgdispatch_cli.parameters import number


@click.command(
    epilog=example(
        "pgdispatch task delete 12",
        "pgdispatch task delete 12 --yes --reason 'ticket 12'",
    )
)
@click.argument("task_number", metavar="TASK", type=number)
@naming_options
@database_option
def command(task_number: int, **options: Any) -> None:
    """Delete a task; its jobs, waiting and running ones too, stay as they are.

    Refused while it is a step of a linked task.
    """
    delete_thing("task", task_number, **options)
