"""Add a calendar."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, given
from pgdispatch_cli.options import Command, database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import names
from pgdispatch_cli.transaction import database

OPTIONS = (
    click.option("--time-zone", metavar="ZONE", help="Whose today is today (default: UTC)."),
    click.option(
        "--working",
        "working_weekdays",
        type=names,
        metavar="DAYS",
        help="The weekdays on which people work (default: mon,tue,wed,thu,fri); '' for none.",
    ),
)


def details(command: Command) -> Command:
    """Add the options that a calendar can be given when it is added, and later."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command(
    epilog=example(
        "pgdispatch calendar add DE --time-zone Europe/Berlin",
        "pgdispatch calendar add AE --time-zone Asia/Dubai --working mon,tue,wed,thu,fri",
    ),
)
@click.argument("name")
@details
@reason_option
@json_option
@database_option
def command(name: str, as_json: bool, **values: Any) -> None:
    """Add a calendar; its days come from a file or one by one: calendar import, calendar day."""
    with database() as connection:
        add_row(connection, tables.calendar, given(name=name, **values))
    write_done(f"calendar {name} added", {"calendar": name}, as_json=as_json)
