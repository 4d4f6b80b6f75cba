"""Sites and their limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click
from sqlalchemy import select

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, change_row, cleared, given
from pgdispatch_cli.commands.site.timeout import timeout
from pgdispatch_cli.group import HelpfulGroup
from pgdispatch_cli.options import Command, database_option, example, listing_options
from pgdispatch_cli.output import Column, format_value, write_done, write_listing
from pgdispatch_cli.parameters import budget, limit, time_of_day
from pgdispatch_cli.times import format_span
from pgdispatch_cli.transaction import database


def or_none(limit: int | None) -> str:
    """Return how many at once, for people."""
    return "none" if limit is None else format_value(limit)


def hours(seconds: float | None) -> str:
    """Return seconds of a day's budget as a span; nothing where there is none."""
    return "" if seconds is None else format_span(timedelta(seconds=seconds))


COLUMNS = (
    Column("site", "site", least=8),
    Column("max_running_jobs", "limit", form=or_none),
    Column("running", "running"),
    Column("waiting", "waiting"),
    Column("overflow", "overflow", drop=4),
    Column("seconds_limit", "a day", drop=5, form=hours),
    Column("spent_seconds", "spent", drop=6, form=hours),
    Column("left_seconds", "left", drop=3, form=hours),
    Column("refill_at", "refill", drop=7),
    Column("over_budget", "then", drop=9),
    Column("run_now_enabled", "run now", drop=8),
)
NO_BUDGET = dict.fromkeys(("left_seconds", "over_budget"))  # leave blank what does not apply
CLEARABLE = {"max-running": "max_running_jobs", "daily-seconds": "daily_seconds"}
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


@click.group(cls=HelpfulGroup)
@database_option
def site() -> None:
    """Sites (tenants) and their limits."""


@site.command(
    "add",
    epilog=example(
        "pgdispatch site add acme --max-running 4",
        "pgdispatch site add acme --daily-seconds 8h --refill-at 06:00 --time-zone Europe/Berlin",
    ),
)
@click.argument("name")
@details
@database_option
def add(name: str, **values: Any) -> None:
    """Add a site."""
    with database() as connection:
        add_row(connection, tables.site, given(name=name, **values))
    write_done(f"site {name} added")


@site.command(
    "change",
    epilog=example(
        "pgdispatch site change acme --max-running 8",
        "pgdispatch site change acme --max-running none --clear daily-seconds",
    ),
)
@click.argument("name")
@details
@click.option(
    "--clear",
    type=click.Choice(list(CLEARABLE)),
    multiple=True,
    help="Back to the default of all sites.",
)
@database_option
def change(name: str, clear: tuple[str, ...], **values: Any) -> None:
    """Change a site; it takes effect at once, on jobs that wait too.

    'none' is no limit, whatever the default of all sites is.
    """
    changes = cleared(given(**values), clear, CLEARABLE)
    with database() as connection:
        change_row(connection, tables.site, name, changes)
    write_done(f"site {name} changed")


@site.command("list", epilog=example("pgdispatch site list --json"))
@listing_options
@database_option
def list_sites(as_json: bool) -> None:
    """List the sites against their limits, and what is left of the day's run time.

    overflow: jobs that wait because the site is at its limit, or has spent its day. The time spent
    is that of runs which have ended. then: what becomes of jobs when all is spent.
    """
    with database() as connection:
        rows = [dict(row) for row in connection.execute(select(tables.site_usage)).mappings()]
    if not as_json:
        rows = [{**row, **(NO_BUDGET if row["seconds_limit"] is None else {})} for row in rows]
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no site")


site.add_command(timeout)
