"""Settings of the whole installation."""

from __future__ import annotations

import click

from pgdispatch_cli.group import CommandFolder
from pgdispatch_cli.options import database_option


@click.group(cls=CommandFolder, package=__name__, names=("list", "set"))
@database_option
def command() -> None:
    """Show and change the settings of the whole installation."""
