"""Delete a linked task."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import delete_thing, naming_options
from pgdispatch_cli.options import database_option, example
from pgdispatch_cli.parameters import number


@click.command(
    epilog=example(
        "pgdispatch linked-task delete 3",
        "pgdispatch linked-task delete 3 --yes --reason 'ticket 12'",
    )
)
@click.argument("linked", metavar="LINKED-TASK", type=number)
@naming_options
@database_option
def command(linked: int, **options: Any) -> None:
    """Delete a linked task, with its steps; its flows stay.

    A step that waits or runs is not stopped, and no further one starts.
    """
    delete_thing("linked task", linked, **options)
