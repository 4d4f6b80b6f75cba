"""What is paused."""

from __future__ import annotations

import click

from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.reading import Rows, looking, read

COLUMNS = (
    Column("scope", "scope"),
    Column("name", "name", least=8),
    Column("paused_by", "by", least=5),
    Column("until", "until"),
    Column("paused_for", "for", drop=2),
    Column("waiting", "wait", drop=1),
    Column("reason", "reason", least=12),
)


@click.command(epilog=example("pgdispatch paused", "pgdispatch paused --json"))
@listing_options
@database_option
def command(as_json: bool) -> None:
    """Show what is paused: by whom, why, until when, and how many jobs wait for that.

    They are counted to 1001. Without a time it lasts until 'pgdispatch resume'.
    """
    with looking() as connection:
        rows = read(connection, Rows("paused"))
    write_listing(rows, COLUMNS, as_json=as_json, empty="nothing is paused")
