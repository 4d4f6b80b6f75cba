"""Delete a site."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import delete_thing, naming_options
from pgdispatch_cli.options import database_option, example


@click.command(
    epilog=example(
        "pgdispatch site delete acme",
        "pgdispatch site delete acme --yes --reason 'ticket 12'",
    )
)
@click.argument("name")
@naming_options
@database_option
def command(name: str, **options: Any) -> None:
    """Delete a site, with its tasks, linked tasks and timeouts.

    Refused while jobs of it wait or run. What has ended stays in the history.
    """
    delete_thing("site", name, **options)
