"""Change a site."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import change_row, cleared, given
from pgdispatch_cli.commands.site.add import details
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.transaction import database

CLEARABLE = {"max-running": "max_running_jobs", "daily-seconds": "daily_seconds"}


@click.command(
    epilog=example(
        "pgdispatch site change acme --max-running 8",
        "pgdispatch site change acme --max-running none --clear daily-seconds",
    ),
)
@click.argument("name")
@details
@click.option(
    "--clear",
    type=click.Choice(list(CLEARABLE)),
    multiple=True,
    help="Back to the default of all sites.",
)
@reason_option
@json_option
@database_option
def command(name: str, clear: tuple[str, ...], as_json: bool, **values: Any) -> None:
    """Change a site; it takes effect at once, on jobs that wait too.

    'none' is no limit, whatever the default of all sites is.
    """
    changes = cleared(given(**values), clear, CLEARABLE)
    with database() as connection:
        change_row(connection, tables.site, name, changes)
    write_done(f"site {name} changed", {"site": name}, as_json=as_json)
