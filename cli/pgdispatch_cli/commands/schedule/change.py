"""Change a schedule."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import change_row, cleared, given
from pgdispatch_cli.commands.schedule.add import details
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import priority
from pgdispatch_cli.transaction import database


@click.command(
    epilog=example(
        "pgdispatch schedule change nightly --priority 10",
        "pgdispatch schedule change nightly --calendar DE --on-free-day before",
        "pgdispatch schedule change nightly --clear recurrence",
    ),
)
@click.argument("name")
@click.option(
    "--priority", type=priority, metavar="N", help="1 (highest) to 100; existing tasks keep theirs."
)
@details
@click.option(
    "--clear",
    type=click.Choice(["recurrence", "calendar"]),
    multiple=True,
    help="Set to nothing; without a calendar no day is free.",
)
@reason_option
@json_option
@database_option
def command(name: str, clear: tuple[str, ...], as_json: bool, **values: Any) -> None:
    """Change a schedule; a new recurrence counts from now on.

    Extract and flow tasks took their priority from it when they were created and keep it;
    subscriptions and alerts read it each time. Jobs that exist already stay as they are.
    """
    clearable = {"recurrence": "recurrence", "calendar": "calendar"}
    changes = cleared(given(**values), clear, clearable)
    if "calendar" in clear:
        changes.setdefault("on_free_day", "run")
    with database() as connection:
        change_row(connection, tables.schedule, name, changes)
    write_done(f"schedule {name} changed", {"schedule": name}, as_json=as_json)
