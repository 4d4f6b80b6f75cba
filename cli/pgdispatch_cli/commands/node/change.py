"""Change what a node runs."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import change_row, cleared, given
from pgdispatch_cli.commands.node.add import BACKGROUNDERS, CLEARABLE, details, replacing
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.transaction import database


@click.command(
    epilog=example(
        "pgdispatch node change etl-1 --backgrounders 8",
        "pgdispatch node change etl-1 --except full_extract",
        "pgdispatch node change etl-1 --clear except",
    ),
)
@click.argument("name")
@click.option("--backgrounders", type=BACKGROUNDERS, metavar="N", help="How many.")
@details
@click.option(
    "--clear", type=click.Choice(list(CLEARABLE)), multiple=True, help="Take such jobs again."
)
@reason_option
@json_option
@database_option
def command(name: str, clear: tuple[str, ...], as_json: bool, **values: Any) -> None:
    """Change what a node runs, while it runs.

    It follows within seconds. Jobs that run are not stopped: a process that is one too many ends
    after its job. --only takes the place of --except and the other way round.
    """
    changes = replacing(cleared(given(**values), clear, CLEARABLE))
    with database() as connection:
        change_row(connection, tables.node, name, changes)
    write_done(f"node {name} changed", {"node": name}, as_json=as_json)
