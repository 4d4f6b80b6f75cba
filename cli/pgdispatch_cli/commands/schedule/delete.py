"""Delete a schedule."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import delete_thing, naming_options
from pgdispatch_cli.options import database_option, example


@click.command(
    epilog=example(
        "pgdispatch schedule delete nightly",
        "pgdispatch schedule delete nightly --yes --reason 'ticket 12'",
    )
)
@click.argument("name")
@naming_options
@database_option
def command(name: str, **options: Any) -> None:
    """Delete a schedule; its tasks stay, without one.

    Jobs that wait or run stay as they are.
    """
    delete_thing("schedule", name, **options)
