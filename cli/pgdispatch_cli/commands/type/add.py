"""Add a job type."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, given
from pgdispatch_cli.options import Command, database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import ATTEMPTS, priority, span
from pgdispatch_cli.transaction import database

OPTIONS = (
    click.option(
        "--rank",
        type=click.IntRange(0, 1000),
        metavar="N",
        help="Place within one batch, lowest first (default: 2, as system).",
    ),
    click.option("--timeout", type=span, help="How long a run may take: 90s, 15min, 1h30m."),
    click.option(
        "--max-attempts", type=ATTEMPTS, metavar="N", help="How often it is tried; 1: no retry."
    ),
    click.option(
        "--priority-from",
        type=click.Choice(["task", "schedule"]),
        help="Whose priority its jobs have (default: their task's).",
    ),
    click.option(
        "--default-priority",
        type=priority,
        metavar="N",
        help="Of jobs that get none from a task or schedule (default: 50).",
    ),
    click.option(
        "--run-now-first/--no-run-now-first",
        default=None,
        help="Whether Run Now puts its jobs before all others.",
    ),
    click.option("--description", help="What it is, for people."),
)


def details(command: Command) -> Command:
    """Add the options that a job type can be given when it is added, and later."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command(
    epilog=example("pgdispatch type add thumbnail --timeout 10min --description 'draw a view'")
)
@click.argument("name")
@details
@reason_option
@json_option
@database_option
def command(name: str, as_json: bool, **values: Any) -> None:
    """Add a job type; nodes need a handler for it."""
    with database() as connection:
        add_row(connection, tables.job_type, given(name=name, **values))
    write_done(f"type {name} added", {"type": name}, as_json=as_json)
