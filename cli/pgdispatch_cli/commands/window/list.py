"""The closed windows: open ones first, then those that open next."""

from __future__ import annotations

import click

from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.reading import Rows, looking, read

COLUMNS = (
    Column("closed_window", "window", least=8),
    Column("scope", "closes", drop=3),
    Column("target", "", least=6),
    Column("state", "state"),
    Column("opens_at", "from"),
    Column("closes_at", "to"),
    Column("recurrence", "recurrence", drop=1, least=12),
    Column("calendar", "calendar", drop=5),
    Column("reason", "reason", drop=2, least=10),
    Column("created_by", "by", drop=4),
)


@click.command(epilog=example("pgdispatch window list --json"))
@listing_options
@database_option
def command(as_json: bool) -> None:
    """List the closed windows: those that are open, and when the others open next."""
    with looking() as connection:
        rows = read(connection, Rows("window_status"))
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no closed window")
