"""Add a site."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, given
from pgdispatch_cli.options import Command, database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import budget, limit, time_of_day
from pgdispatch_cli.transaction import database

OPTIONS = (
    click.option(
        "--max-running",
        "max_running_jobs",
        type=limit,
        metavar="N|none",
        help="Jobs at once (default: setting site_max_running_jobs).",
    ),
    click.option(
        "--daily-seconds",
        type=budget,
        metavar="SPAN|none",
        help="Run time a day: 28800 or 8h (default: setting site_daily_seconds).",
    ),
    click.option("--refill-at", type=time_of_day, metavar="HH:MM", help="When a day begins."),
    click.option("--time-zone", metavar="ZONE", help="Where that counts (default: UTC)."),
    click.option(
        "--over-budget",
        type=click.Choice(["defer", "cancel"]),
        help="What becomes of jobs when the day's run time is spent (default: defer).",
    ),
    click.option(
        "--run-now/--no-run-now",
        "run_now_enabled",
        default=None,
        help="Whether Run Now is allowed.",
    ),
)


def details(command: Command) -> Command:
    """Add the options that a site can be given when it is added, and later."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command(
    epilog=example(
        "pgdispatch site add acme --max-running 4",
        "pgdispatch site add acme --daily-seconds 8h --refill-at 06:00 --time-zone Europe/Berlin",
    ),
)
@click.argument("name")
@details
@reason_option
@json_option
@database_option
def command(name: str, as_json: bool, **values: Any) -> None:
    """Add a site."""
    with database() as connection:
        add_row(connection, tables.site, given(name=name, **values))
    write_done(f"site {name} added", {"site": name}, as_json=as_json)
