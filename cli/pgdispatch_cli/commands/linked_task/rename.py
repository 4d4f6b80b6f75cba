"""Rename a linked task."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import naming_options, rename_thing
from pgdispatch_cli.options import database_option, example
from pgdispatch_cli.parameters import number


@click.command(
    epilog=example(
        "pgdispatch linked-task rename 3 'Load all'",
        "pgdispatch linked-task rename 3 'Load all' --yes --reason 'ticket 12'",
    )
)
@click.argument("linked", metavar="LINKED-TASK", type=number)
@click.argument("title", metavar="TITLE")
@naming_options
@database_option
def command(linked: int, title: str, **options: Any) -> None:
    """Give a linked task another title."""
    rename_thing("linked task", linked, title, **options)
