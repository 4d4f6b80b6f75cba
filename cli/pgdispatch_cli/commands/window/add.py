"""Add a closed window."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, given
from pgdispatch_cli.commands.schedule.add import FREE_DAY
from pgdispatch_cli.options import Command, database_option, example, json_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import span, when
from pgdispatch_cli.transaction import database

SCOPE = click.Choice(["site", "type", "schedule", "node"])
OPTIONS = (
    click.option("--recurrence", metavar="TEXT", help="When it opens: 'daily at 22:00'."),
    click.option("--lasts", type=span, metavar="SPAN", help="With --recurrence, how long: 8h."),
    click.option("--time-zone", metavar="ZONE", help="Where that counts (default: UTC)."),
    click.option("--calendar", metavar="NAME", help="Whose working days count."),
    click.option("--on-free-day", type=FREE_DAY, help="What becomes of an opening on a free day."),
    click.option("--from", "from_at", type=when, help="Once, from this time: ISO 8601, HH:MM."),
    click.option("--to", "to_at", type=when, help="Until this time."),
    click.option(
        "--drain-before", type=span, metavar="SPAN", help="A node takes no new jobs so long before."
    ),
    click.option(
        "--run-at-end/--skip",
        "run_at_end",
        default=None,
        help="A schedule's times within are one at its end, or skipped (default).",
    ),
    click.option("--reason", metavar="TEXT", help="Why; also for 'pgdispatch changes'."),
    click.option("--enable/--disable", "enabled", default=None, help="Whether it counts."),
)


def details(command: Command) -> Command:
    """Add the options that a window can be given when it is added, and later."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command(
    epilog=example(
        "pgdispatch window add backup site acme --recurrence 'daily at 22:00' --lasts 8h",
        "pgdispatch window add move node etl-1 --from 2026-12-19T20:00 --to 2026-12-20T08:00 "
        "--drain-before 2h --reason 'new rack'",
        "pgdispatch window add close schedule nightly --recurrence 'monthly on last working day "
        "at 18:00' --lasts 1d --calendar DE --run-at-end",
    ),
)
@click.argument("name")
@click.argument("scope", type=SCOPE)
@click.argument("target")
@details
@json_option
@database_option
def command(name: str, as_json: bool, **values: Any) -> None:
    """Add a window NAME in which a site, type, schedule or node TARGET is closed.

    With --recurrence and --lasts again and again, or once with --from and --to. It ends by the
    clocks of its zone: eight hours from 22:00 are over at 06:00 also on a change-over day.
    """
    with database() as connection:
        add_row(connection, tables.closed_window, given(name=name, **values))
    write_done(f"window {name} added", {"window": name}, as_json=as_json)
