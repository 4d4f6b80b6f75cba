"""Add a contract."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, given
from pgdispatch_cli.options import Command, database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import chance, names, number, span
from pgdispatch_cli.transaction import database

OPTIONS = (
    click.option("--datasource", help="The datasource that has to be fresh; or one of these:"),
    click.option("--task", type=number, metavar="TASK", help="The task."),
    click.option("--schedule", help="The schedule: all its tasks of the site."),
    click.option("--linked-task", type=number, metavar="TASK", help="The linked task: all steps."),
    click.option(
        "--types",
        type=names,
        metavar="TYPE,…",
        help="Only jobs of these types count (default: all).",
    ),
    click.option("--due", metavar="RECURRENCE", help="When data have to be there: daily at 07:00."),
    click.option(
        "--since",
        type=span,
        metavar="SPAN",
        help="With --due: how long before it a run may have begun.",
    ),
    click.option("--time-zone", metavar="ZONE", help="Zone of --due (default: UTC)."),
    click.option("--calendar", help="Calendar of its working days: on working days at 07:00."),
    click.option("--max-age", type=span, metavar="SPAN", help="Or: how old data may be."),
    click.option(
        "--warn-chance",
        type=chance,
        metavar="SHARE",
        help="Warn from this chance of being late on (default: 20%).",
    ),
    click.option(
        "--warn-before",
        type=span,
        metavar="SPAN",
        help="Warn so long ahead at the earliest (default: 4h).",
    ),
    click.option("--to", "target", metavar="TARGET", help="The target of notices that is told."),
    click.option("--note", metavar="TEXT", help="Words for people."),
    click.option("--enable/--disable", "enabled", default=None, help="Whether it is watched."),
)


def details(command: Command) -> Command:
    """Add the options that a contract can be given when it is added, and later."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command(
    epilog=example(
        "pgdispatch contract add 'Sales by seven' --site acme --datasource sales \\\n"
        "      --due 'daily at 07:00' --since 7h --time-zone Europe/Berlin --to ops",
        "pgdispatch contract add 'Stock' --task 12 --max-age 26h",
    )
)
@click.argument("name")
@click.option("--site", help="Site whose data it is about (default: default).")
@details
@reason_option
@json_option
@database_option
def command(as_json: bool, **values: Any) -> None:
    """Add a contract; prints its number.

    Data count of a run that began after the cut-off and succeeded, however late it ends.
    """
    with database() as connection:
        added = add_row(connection, tables.contract, given(**values))
    write_done(f"contract {added} added", {"contract": added}, as_json=as_json)
