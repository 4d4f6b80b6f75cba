"""Schedules: when they run, and with what priority."""

from __future__ import annotations

import click

from pgdispatch_cli.group import CommandFolder
from pgdispatch_cli.options import database_option


@click.group(
    cls=CommandFolder,
    package=__name__,
    names=("add", "change", "delete", "fire", "list", "preview", "rename", "run-now", "show"),
)
@database_option
def command() -> None:
    """Schedules: when they run, with what priority, parallel or serial.

    \b
    A recurrence is one of
      every 15 minutes        or 30 minutes, or 1, 2, 4, 6, 8, 12 hours; also: from 06:00 to 22:00
      daily at 02:30
      weekly on mon, wed at 08:00
      monthly on 1, 15, last at 03:00
      monthly on second tuesday at 03:00
      on working days at 06:30                 of its calendar
      monthly on first working day at 06:30    or second, 10th, last
      cron 0 2 * * 1-5
    """  # noqa: D301  # \b is click's mark for lines to be kept
