"""Change a calendar."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import change_row, given
from pgdispatch_cli.commands.calendar.add import details
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.transaction import database


@click.command(epilog=example("pgdispatch calendar change DE --working mon,tue,wed,thu"))
@click.argument("name")
@details
@reason_option
@json_option
@database_option
def command(name: str, as_json: bool, **values: Any) -> None:
    """Change a calendar; for the schedules that go by it that holds at once."""
    with database() as connection:
        change_row(connection, tables.calendar, name, given(**values))
    write_done(f"calendar {name} changed", {"calendar": name}, as_json=as_json)
