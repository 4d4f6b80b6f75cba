"""The rules."""

from __future__ import annotations

import click

from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.reading import Rows, looking, read

COLUMNS = (
    Column("id", "rule"),
    Column("what", "what"),
    Column("target", "target", least=8),
    Column("site", "site", drop=1, least=8),
    Column("type", "type", drop=3, least=8),
    Column("schedule", "schedule", drop=2, least=8),
    Column("after", "after"),
    Column("created_by", "by", drop=4, least=6),
)


@click.command(epilog=example("pgdispatch notice rule list --json"))
@listing_options
@database_option
def command(as_json: bool) -> None:
    """List the rules. What is blank is not looked at."""
    with looking() as connection:
        rows = read(connection, Rows("notice_rule"), order=["id"])
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no rule: nobody is told anything")
