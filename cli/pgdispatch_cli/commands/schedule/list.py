"""The schedules: when each runs next, and when it ran last."""

from __future__ import annotations

import click

from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.reading import Rows, looking, read

COLUMNS = (
    Column("schedule", "schedule", least=10),
    Column("priority", "prio", drop=4),
    Column("execution", "execution", drop=3),
    Column("enabled", "enabled", drop=6),
    Column("recurrence", "recurrence", drop=2, least=12),
    Column("time_zone", "zone", drop=9, least=8),
    Column("missed_runs", "missed", drop=11),
    Column("next_run_at", "next run"),
    Column("tasks", "tasks", drop=8),
    Column("linked_tasks", "linked", drop=10),
    Column("suspended", "suspended", drop=5),
    Column("last_run_at", "last run", drop=7),
    Column("last_error", "last error", drop=1, least=14),
    Column("served_ahead", "served ahead", drop=12, least=16),
    Column("calendar", "calendar", drop=13, least=8),
    Column("on_free_day", "free days", drop=14),
)


@click.command(epilog=example("pgdispatch schedule list --json"))
@listing_options
@database_option
def command(as_json: bool) -> None:
    """List the schedules: when each runs next, and when it ran last.

    suspended: how many of its tasks have failed too often in a row. served ahead: the times ahead
    for which it was fired early. With --json also the next five runs.
    """
    with looking() as connection:
        rows = read(connection, Rows("schedule_status"))
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no schedule")
