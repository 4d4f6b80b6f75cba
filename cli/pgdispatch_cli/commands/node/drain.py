"""Let a node take no new jobs."""

from __future__ import annotations

import click

from pgdispatch import tables
from pgdispatch_cli.changing import change_row
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.transaction import database


@click.command(epilog=example("pgdispatch node drain etl-1"))
@click.argument("name")
@reason_option
@json_option
@database_option
def command(name: str, as_json: bool) -> None:
    """Let a node take no new jobs; those that run there go on.

    It stays so, over restarts too, until it is resumed.
    """
    with database() as connection:
        change_row(connection, tables.node, name, {"is_drained": True})
    write_done(f"node {name} takes no new jobs", {"node": name}, as_json=as_json)
