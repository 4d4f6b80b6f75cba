"""Add a node."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, given
from pgdispatch_cli.options import Command, database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import names
from pgdispatch_cli.transaction import database

BACKGROUNDERS = click.IntRange(min=0, max=1000)
CLEARABLE = {"only": "only_types", "except": "except_types"}
OPTIONS = (
    click.option(
        "--application-servers",
        type=click.IntRange(min=0, max=100),
        metavar="N",
        help="At least 1 if there are backgrounders (default: 1).",
    ),
    click.option(
        "--only",
        "only_types",
        type=names,
        metavar="TYPES",
        help="Only these job types: flow,alert.",
    ),
    click.option(
        "--except", "except_types", type=names, metavar="TYPES", help="All job types but these."
    ),
)


def details(command: Command) -> Command:
    """Add the options that a node can be given when it is added, and later."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command(
    epilog=example(
        "pgdispatch node add etl-1 --backgrounders 4", "pgdispatch node add etl-2 --only flow"
    ),
)
@click.argument("name")
@click.option(
    "--backgrounders",
    type=BACKGROUNDERS,
    metavar="N",
    default=1,
    show_default=True,
    help="How many.",
)
@details
@reason_option
@json_option
@database_option
def command(name: str, as_json: bool, **values: Any) -> None:
    """Add a node before its worker starts for the first time."""
    with database() as connection:
        add_row(connection, tables.node, replacing(given(name=name, **values)))
    write_done(f"node {name} added", {"node": name}, as_json=as_json)


def replacing(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a change: a new limit of types ends one of the other kind."""
    limits = [column for column in CLEARABLE.values() if values.get(column) is not None]
    if len(limits) > 1:
        raise click.UsageError("--only and --except exclude each other")
    return {**dict.fromkeys(CLEARABLE.values()), **values} if limits else values
