"""Tasks: what a schedule or Run Now starts."""

from __future__ import annotations

import click

from pgdispatch_cli.group import CommandFolder
from pgdispatch_cli.options import database_option


@click.group(
    cls=CommandFolder,
    package=__name__,
    names=(
        "add",
        "change",
        "delete",
        "disable",
        "enable",
        "list",
        "rename",
        "republish",
        "resume",
        "set-priority",
        "show",
    ),
)
@database_option
def command() -> None:
    """Tasks: what a schedule or Run Now starts."""
