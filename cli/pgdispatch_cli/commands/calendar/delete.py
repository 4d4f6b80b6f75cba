"""Delete a calendar."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import delete_thing, naming_options
from pgdispatch_cli.options import database_option, example


@click.command(
    epilog=example("pgdispatch calendar delete DE", "pgdispatch calendar delete DE --yes")
)
@click.argument("name")
@naming_options
@database_option
def command(name: str, **options: Any) -> None:
    """Delete a calendar with its days; refused while schedules go by it."""
    delete_thing("calendar", name, **options)
