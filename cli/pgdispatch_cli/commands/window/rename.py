"""Rename a closed window."""

from __future__ import annotations

import click

from pgdispatch import tables
from pgdispatch_cli.changing import change_row
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.transaction import database


@click.command(epilog=example("pgdispatch window rename backup 'nightly backup'"))
@click.argument("name")
@click.argument("new")
@reason_option
@json_option
@database_option
def command(name: str, new: str, as_json: bool) -> None:
    """Rename a window."""
    with database() as connection:
        change_row(connection, tables.closed_window, name, {"name": new})
    write_done(f"window {name} is now {new}", {"window": new}, as_json=as_json)
