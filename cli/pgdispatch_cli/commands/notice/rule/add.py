"""Add a rule."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, given
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.transaction import database

WHATS = (
    "failure",
    "suspension",
    "recovery",
    "node_lost",
    "schedule_late",
    "budget_spent",
    "contract_at_risk",
    "contract_late",
    "contract_broken",
    "contract_fresh",
)


@click.command(
    epilog=example(
        "pgdispatch notice rule add failure --to ops --site acme",
        "pgdispatch notice rule add schedule_late --to on-call --schedule nightly --after 15",
    )
)
@click.argument("what", type=click.Choice(WHATS), metavar="WHAT")
@click.option("--to", "target", required=True, metavar="TARGET", help="The target that is told.")
@click.option("--site", help="Only of this site.")
@click.option("--type", metavar="TYPE", help="Only of jobs of this type.")
@click.option("--schedule", help="Only of this schedule.")
@click.option(
    "--after",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="failure: from N in a row on; schedule_late: after N minutes (default: 1).",
)
@reason_option
@json_option
@database_option
def command(as_json: bool, **values: Any) -> None:
    """Tell a target of WHAT: see pgdispatch notice rule --help."""
    with database() as connection:
        number = add_row(connection, tables.notice_rule, given(**values))
    write_done(f"notice rule {number} added", {"rule": number}, as_json=as_json)
