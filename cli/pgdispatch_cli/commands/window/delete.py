"""Delete a closed window."""

from __future__ import annotations

import click

from pgdispatch import tables
from pgdispatch_cli.changing import delete_row
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.transaction import database


@click.command(epilog=example("pgdispatch window delete backup"))
@click.argument("name")
@reason_option
@json_option
@database_option
def command(name: str, as_json: bool) -> None:
    """Delete a window; what it holds goes on at once, unless a pause or another one holds it."""
    with database() as connection:
        delete_row(connection, tables.closed_window, name)
    write_done(f"window {name} deleted", {"window": name}, as_json=as_json)
