"""Rename a calendar."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import naming_options, rename_thing
from pgdispatch_cli.options import database_option, example


@click.command(epilog=example("pgdispatch calendar rename DE Germany --yes"))
@click.argument("name")
@click.argument("new")
@naming_options
@database_option
def command(name: str, new: str, **options: Any) -> None:
    """Rename a calendar; the schedules that go by it follow."""
    rename_thing("calendar", name, new, **options)
