"""The nodes: up, stopped or lost, and what each takes."""

from __future__ import annotations

import click

from pgdispatch_cli.commands.status import format_age
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, format_value, write_listing
from pgdispatch_cli.reading import Rows, looking, now, read


def types_taken(types: list[str] | None) -> str:
    """Return the job types that a node takes, for people."""
    return "all" if types is None else format_value(types) or "none"


COLUMNS = (
    Column("name", "node", least=12),
    Column("state", "state"),
    Column("is_drained", "drained", drop=3),
    Column("backgrounders", "wanted"),
    Column("up", "up"),
    Column("busy", "busy"),
    Column("processors", "processors", drop=9),
    Column("types", "types", drop=4, least=8, form=types_taken),
    Column("addresses", "application servers", drop=8, least=8),
    Column("host", "host", drop=7, least=8),
    Column("package_version", "version", drop=6),
    Column("heartbeat_at", "heartbeat", drop=2, brief="heard"),
)


@click.command(epilog=example("pgdispatch node list --json"))
@listing_options
@database_option
def command(as_json: bool) -> None:
    """List the nodes: up, stopped or lost, and what each takes.

    With how many backgrounders each is wanted to run, how many are up, and how many are busy; and
    where its application servers listen.
    """
    with looking() as connection:
        rows = read(connection, Rows("node_status"))
        at = now(connection)
    if not as_json:
        rows = [{**row, "heard": format_age(row, at)} for row in rows]
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no node")
