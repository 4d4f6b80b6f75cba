"""Add a task."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, given
from pgdispatch_cli.options import Command, database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import ATTEMPTS, json_object, priority, span
from pgdispatch_cli.transaction import database


def details(command: Command) -> Command:
    """Add the options that a task can be given when it is added, and later."""
    for option in reversed(
        (
            click.option("--schedule", help="Schedule that runs it (default: only Run Now)."),
            click.option("--priority", type=priority, metavar="N", help="1 (highest) to 100."),
            click.option("--datasource", help="What it refreshes; never two at once on one."),
            click.option(
                "--args", type=json_object, metavar="JSON", help="JSON object for the handler."
            ),
            click.option("--timeout", type=span, help="90s, 15min, 1h30m (default: its type's)."),
            click.option(
                "--max-attempts",
                type=ATTEMPTS,
                metavar="N",
                help="How often a job of it is tried (default: its type's).",
            ),
            click.option(
                "--enable/--disable", "enabled", default=None, help="Whether its schedule runs it."
            ),
        )
    ):
        command = option(command)
    return command


@click.command(
    epilog=example(
        "pgdispatch task add 'Sales, full' full_extract --schedule nightly --datasource sales"
    ),
)
@click.argument("title")
@click.argument("type")
@click.option("--site", help="Site (default: default).")
@details
@reason_option
@json_option
@database_option
def command(as_json: bool, **values: Any) -> None:
    """Add a task of a job TYPE; prints its number.

    An extract or flow task takes over the priority that its schedule has now.
    """
    with database() as connection:
        added = add_row(connection, tables.task, given(**values))
    write_done(f"task {added} added", {"task": added}, as_json=as_json)
