"""Closed windows: when nothing new starts."""

from __future__ import annotations

import click

from pgdispatch_cli.group import CommandFolder
from pgdispatch_cli.options import database_option


@click.group(
    cls=CommandFolder,
    package=__name__,
    names=("add", "change", "delete", "list", "rename", "show"),
)
@database_option
def command() -> None:
    """Windows in which nothing new starts: at a site, of a type or on a node.

    Jobs that wait keep their places, those that run go on. Of a schedule a window closes the times:
    they are skipped, or one at its end. Again and again by a recurrence, or once.
    """
