"""Change a closed window."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import change_row, cleared, given
from pgdispatch_cli.commands.window.add import details
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.transaction import database

CLEARABLE = {
    "recurrence": "recurrence",
    "lasts": "lasts",
    "calendar": "calendar",
    "from": "from_at",
    "to": "to_at",
    "drain-before": "drain_before",
    "reason": "reason",
}


@click.command(
    epilog=example(
        "pgdispatch window change backup --lasts 6h",
        "pgdispatch window change backup --disable",
    ),
)
@click.argument("name")
@details
@click.option("--clear", type=click.Choice([*CLEARABLE]), multiple=True, help="Set to nothing.")
@json_option
@database_option
def command(name: str, clear: tuple[str, ...], as_json: bool, **values: Any) -> None:
    """Change a window; one that is open is as it says now at once."""
    changes = cleared(given(**values), clear, CLEARABLE)
    if "calendar" in clear:
        changes.setdefault("on_free_day", "run")
    with database() as connection:
        change_row(connection, tables.closed_window, name, changes)
    write_done(f"window {name} changed", {"window": name}, as_json=as_json)
