"""Change a job type."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import change_row, cleared, given
from pgdispatch_cli.commands.type.add import details
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.transaction import database

CLEARABLE = {"timeout": "timeout"}


@click.command(
    epilog=example(
        "pgdispatch type change flow --timeout 2h --max-attempts 3",
        "pgdispatch type change flow --clear timeout",
    ),
)
@click.argument("name")
@details
@click.option("--clear", type=click.Choice(list(CLEARABLE)), multiple=True, help="No limit.")
@reason_option
@json_option
@database_option
def command(name: str, clear: tuple[str, ...], as_json: bool, **values: Any) -> None:
    """Change a job type; jobs that exist already stay as they are.

    Sites, tasks and jobs may say otherwise for themselves.
    """
    changes = cleared(given(**values), clear, CLEARABLE)
    with database() as connection:
        change_row(connection, tables.job_type, name, changes)
    write_done(f"type {name} changed", {"type": name}, as_json=as_json)
