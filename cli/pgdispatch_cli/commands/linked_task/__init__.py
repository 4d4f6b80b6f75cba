"""Linked tasks: flows that run one after another."""

from __future__ import annotations

import click

from pgdispatch_cli.group import CommandFolder
from pgdispatch_cli.options import database_option


@click.group(
    cls=CommandFolder,
    package=__name__,
    names=("add", "change", "delete", "list", "rename", "run-now", "show", "steps"),
)
@database_option
def command() -> None:
    """Linked tasks: flows that run one after another.

    A step starts when the one before has ended, and the first that fails ends the run, unless the
    step is marked 'go-on'.
    """
