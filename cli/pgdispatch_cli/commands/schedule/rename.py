"""Rename a schedule."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import naming_options, rename_thing
from pgdispatch_cli.options import database_option, example


@click.command(
    epilog=example(
        "pgdispatch schedule rename nightly daily",
        "pgdispatch schedule rename nightly daily --yes --reason 'ticket 12'",
    )
)
@click.argument("name")
@click.argument("new_name", metavar="NEW-NAME")
@naming_options
@database_option
def command(name: str, new_name: str, **options: Any) -> None:
    """Give a schedule another name; its tasks follow.

    Refused while jobs of it wait or run. The history keeps the name it had.
    """
    rename_thing("schedule", name, new_name, **options)
