"""The tokens."""

from __future__ import annotations

import click

from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.reading import Rows, looking, read

COLUMNS = (
    Column("token", "token"),
    Column("name", "name", least=8),
    Column("login", "login", least=8),
    Column("state", "state"),
    Column("ends_at", "ends"),
    Column("last_used_at", "last used", drop=1),
    Column("created_by", "by", drop=2, least=6),
)


@click.command(epilog=example("pgdispatch token list --json"))
@listing_options
@database_option
def command(as_json: bool) -> None:
    """List the tokens: your own, or all if you may look at all sites."""
    with looking() as connection:
        rows = read(connection, Rows("token_status"), order=["login", "name"])
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no token")
