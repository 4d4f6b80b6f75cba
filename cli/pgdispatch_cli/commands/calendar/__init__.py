"""Calendars: which days are working days."""

from __future__ import annotations

import click

from pgdispatch_cli.group import CommandFolder
from pgdispatch_cli.options import database_option


@click.group(
    cls=CommandFolder,
    package=__name__,
    names=("add", "change", "day", "delete", "import", "list", "rename", "show"),
)
@database_option
def command() -> None:
    """Calendars: which days are working days, for schedules and closed windows.

    Working days are those of some weekdays, but for the days that a calendar names: holidays, and
    working days on a weekday that is free else.
    """
