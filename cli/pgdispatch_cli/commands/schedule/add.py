"""Add a schedule."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, given
from pgdispatch_cli.options import Command, database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import priority
from pgdispatch_cli.transaction import database

EXECUTION = click.Choice(["parallel", "serial"])
FREE_DAY = click.Choice(["run", "skip", "before", "after"])
MISSED = click.Choice(["skip", "once", "all"])
OPTIONS = (
    click.option("--execution", type=EXECUTION, help="serial: one job at a time, cluster-wide."),
    click.option("--recurrence", metavar="TEXT", help="When it runs: 'daily at 02:30'."),
    click.option("--time-zone", metavar="ZONE", help="Where that counts (default: UTC)."),
    click.option("--calendar", metavar="NAME", help="Whose working days count."),
    click.option(
        "--on-free-day",
        type=FREE_DAY,
        help="A time on a free day: run all the same (default), skip it, or move it.",
    ),
    click.option(
        "--missed", "missed_runs", type=MISSED, help="Times nobody was up for (default: once)."
    ),
    click.option(
        "--max-missed",
        "max_missed_runs",
        type=click.IntRange(min=1, max=1000),
        metavar="N",
        help="With --missed all: so many at most, the latest (default: 10).",
    ),
    click.option("--enable/--disable", "enabled", default=None, help="Whether it creates jobs."),
)


def details(command: Command) -> Command:
    """Add the options that a schedule can be given when it is added, and later."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command(
    epilog=example(
        "pgdispatch schedule add nightly --recurrence 'daily at 02:30' --time-zone Europe/Berlin",
        "pgdispatch schedule add close --recurrence 'monthly on last working day at 20:00' "
        "--calendar DE",
        "pgdispatch schedule add by-hand --priority 20 --execution serial",
    ),
)
@click.argument("name")
@click.option("--priority", type=priority, metavar="N", help="1 (highest) to 100 (default: 50).")
@click.option("--custom", is_flag=True, help="A user made it for one subscription or alert.")
@details
@reason_option
@json_option
@database_option
def command(name: str, custom: bool, as_json: bool, **values: Any) -> None:
    """Add a schedule; without a recurrence it runs only when started or fired by hand."""
    row = {**given(name=name, **values), "is_custom": custom}
    with database() as connection:
        add_row(connection, tables.schedule, row)
    write_done(f"schedule {name} added", {"schedule": name}, as_json=as_json)
