"""Nodes: how many processes each runs, and which jobs it takes."""

from __future__ import annotations

import click

from pgdispatch_cli.group import CommandFolder
from pgdispatch_cli.options import database_option


@click.group(
    cls=CommandFolder,
    package=__name__,
    names=("add", "change", "delete", "drain", "list", "rename", "resume", "show"),
)
@database_option
def command() -> None:
    """Nodes: how many processes each runs, and which jobs it takes."""
