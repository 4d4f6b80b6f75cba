"""Rename a node."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import naming_options, rename_thing
from pgdispatch_cli.options import database_option, example


@click.command(
    epilog=example(
        "pgdispatch node rename etl-1 etl-9",
        "pgdispatch node rename etl-1 etl-9 --yes --reason 'ticket 12'",
    )
)
@click.argument("name")
@click.argument("new_name", metavar="NEW-NAME")
@naming_options
@database_option
def command(name: str, new_name: str, **options: Any) -> None:
    """Give a node that is down another name; its size and types stay.

    Start its worker with the new name then. The history keeps the name it had.
    """
    rename_thing("node", name, new_name, **options)
