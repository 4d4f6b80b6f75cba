"""Rename a contract."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import naming_options, rename_thing
from pgdispatch_cli.options import database_option, example
from pgdispatch_cli.parameters import number


@click.command(
    epilog=example(
        "pgdispatch contract rename 3 'Sales by eight'",
        "pgdispatch contract rename 3 'Sales by eight' --yes --reason 'ticket 12'",
    )
)
@click.argument("contract", metavar="CONTRACT", type=number)
@click.argument("name", metavar="NAME")
@naming_options
@database_option
def command(contract: int, name: str, **options: Any) -> None:
    """Give a contract another name."""
    rename_thing("contract", contract, name, **options)
