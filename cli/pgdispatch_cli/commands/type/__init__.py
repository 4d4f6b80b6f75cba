"""Job types: how long their jobs may run, and how often they are tried."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import select

from pgdispatch import tables
from pgdispatch_cli.changing import change_row, cleared, given
from pgdispatch_cli.group import HelpfulGroup
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, format_value, write_done, write_listing
from pgdispatch_cli.parameters import ATTEMPTS, span
from pgdispatch_cli.transaction import database

COLUMNS = (
    Column("name", "type", least=19),
    Column("rank", "rank", drop=2),
    Column("timeout", "timeout", form=lambda timeout: format_value(timeout) or "none"),
    Column("max_attempts", "attempts", drop=1),
    Column("priority_from", "priority from", drop=3),
    Column("description", "what it is", least=20, wraps=True),
)
CLEARABLE = {"timeout": "timeout"}


@click.group(cls=HelpfulGroup)
@database_option
def job_type() -> None:
    """Job types: how long their jobs may run, and how often they are tried."""


@job_type.command("list", epilog=example("pgdispatch type list"))
@listing_options
@database_option
def list_types(as_json: bool) -> None:
    """List the job types by rank: the first goes first within one batch."""
    types = tables.job_type
    query = select(types).order_by(types.c.rank, types.c.name)
    with database() as connection:
        rows = connection.execute(query).mappings().all()
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no job type")


@job_type.command(
    "change",
    epilog=example(
        "pgdispatch type change flow --timeout 2h --max-attempts 3",
        "pgdispatch type change flow --clear timeout",
    ),
)
@click.argument("name")
@click.option("--timeout", type=span, help="How long a run may take: 90s, 15min, 1h30m.")
@click.option(
    "--max-attempts", type=ATTEMPTS, metavar="N", help="How often it is tried; 1: no retry."
)
@click.option("--clear", type=click.Choice(list(CLEARABLE)), multiple=True, help="No limit.")
@database_option
def change(name: str, clear: tuple[str, ...], **values: Any) -> None:
    """Change a job type; jobs that exist already stay as they are.

    Sites, tasks and jobs may say otherwise for themselves.
    """
    changes = cleared(given(**values), clear, CLEARABLE)
    with database() as connection:
        change_row(connection, tables.job_type, name, changes)
    write_done(f"type {name} changed")
