"""Delete a linked task."""

from __future__ import annotations

import click

from pgdispatch import tables
from pgdispatch_cli.changing import delete_row
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import number
from pgdispatch_cli.transaction import database


@click.command(epilog=example("pgdispatch linked-task delete 3"))
@click.argument("linked", metavar="LINKED-TASK", type=number)
@json_option
@database_option
def command(linked: int, as_json: bool) -> None:
    """Delete a linked task; its flows stay.

    A step that waits or runs is not stopped, and no further one starts.
    """
    with database() as connection:
        delete_row(connection, tables.linked_task, linked)
    write_done(f"linked task {linked} deleted", {"linked_task": linked}, as_json=as_json)
