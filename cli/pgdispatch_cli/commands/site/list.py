"""The sites against their limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, format_value, write_listing
from pgdispatch_cli.reading import Rows, looking, read
from pgdispatch_cli.times import format_span

NO_BUDGET = dict.fromkeys(("left_seconds", "over_budget"))


def or_none(limit: int | None) -> str:
    """Return how many at once, for people."""
    return "none" if limit is None else format_value(limit)


def hours(seconds: float | None) -> str:
    """Return seconds of a day's budget as a span; nothing where there is none."""
    return "" if seconds is None else format_span(timedelta(seconds=seconds))


def for_people(row: dict[str, Any]) -> dict[str, Any]:
    """Leave blank what does not apply, and say where more wait than were counted."""
    shown = {**row, **(NO_BUDGET if row["seconds_limit"] is None else {})}
    return shown if row["is_complete"] else {**shown, "waiting": f"{row['waiting']}+"}


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


@click.command(epilog=example("pgdispatch site list --json"))
@listing_options
@database_option
def command(as_json: bool) -> None:
    """List the sites against their limits, and what is left of the day's run time.

    overflow: jobs that wait because the site is at its limit, or has spent its day. The time spent
    is that of runs which have ended. then: what becomes of jobs when all is spent. Behind the first
    10,000 jobs of all sites only the overflow is counted: 12+ wait.
    """
    with looking() as connection:
        rows = read(connection, Rows("site_usage"))
    if not as_json:
        rows = [for_people(row) for row in rows]
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no site")
