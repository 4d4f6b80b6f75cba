"""Job types: how long their jobs may run, and how often they are tried."""

from __future__ import annotations

import click

from pgdispatch_cli.group import CommandFolder
from pgdispatch_cli.options import database_option


@click.group(
    cls=CommandFolder, package=__name__, names=("add", "change", "delete", "list", "rename")
)
@database_option
def command() -> None:
    """Job types: how long their jobs may run, and how often they are tried."""
