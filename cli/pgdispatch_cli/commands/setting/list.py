"""The settings, and what each does."""

from __future__ import annotations

import click

from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.reading import Rows, looking, read

COLUMNS = (
    Column("name", "setting"),
    Column("value", "value", least=8),
    Column("description", "what it does", least=20, wraps=True),
)


@click.command(epilog=example("pgdispatch setting list"))
@listing_options
@database_option
def command(as_json: bool) -> None:
    """List the settings, and what each does."""
    with looking() as connection:
        rows = read(connection, Rows("setting"), order=("name",))
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no setting")
