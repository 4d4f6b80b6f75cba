"""Rename a job type."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import naming_options, rename_thing
from pgdispatch_cli.options import database_option, example


@click.command(
    epilog=example(
        "pgdispatch type rename thumbnail picture",
        "pgdispatch type rename thumbnail picture --yes --reason 'ticket 12'",
    )
)
@click.argument("name")
@click.argument("new_name", metavar="NEW-NAME")
@naming_options
@database_option
def command(name: str, new_name: str, **options: Any) -> None:
    """Give a job type another name; tasks, timeouts and limits of nodes follow.

    Refused while jobs of it wait or run. The handlers of nodes have to be called so, too.
    """
    rename_thing("job type", name, new_name, **options)
