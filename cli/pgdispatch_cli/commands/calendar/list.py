"""The calendars: what is free next, and how far they reach."""

from __future__ import annotations

import click

from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.reading import Rows, looking, read

COLUMNS = (
    Column("calendar", "calendar", least=8),
    Column("time_zone", "zone", drop=4, least=8),
    Column("working_weekdays", "working", drop=3, form=", ".join, least=10),
    Column("next_free_day", "next free"),
    Column("next_free_name", "name", drop=1, least=10),
    Column("days", "days", drop=6),
    Column("last_day", "until", drop=5),
    Column("schedules", "schedules", drop=2),
)


@click.command(epilog=example("pgdispatch calendar list --json"))
@listing_options
@database_option
def command(as_json: bool) -> None:
    """List the calendars: the next named day that is free, and how many schedules go by each.

    days: how many days it names; until: the last of them.
    """
    with looking() as connection:
        rows = read(connection, Rows("calendar_status"))
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no calendar")
