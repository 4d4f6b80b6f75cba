"""Sites (tenants) and their limits."""

from __future__ import annotations

import click

from pgdispatch_cli.group import CommandFolder
from pgdispatch_cli.options import database_option


@click.group(
    cls=CommandFolder,
    package=__name__,
    names=("add", "change", "delete", "list", "rename", "show", "timeout"),
)
@database_option
def command() -> None:
    """Sites (tenants) and their limits."""
