"""Contracts: by when data have to be there, and whether they will be."""

from __future__ import annotations

import click

from pgdispatch_cli.group import CommandFolder
from pgdispatch_cli.options import database_option


@click.group(
    cls=CommandFolder,
    package=__name__,
    names=("add", "change", "delete", "list", "rename", "show"),
)
@database_option
def command() -> None:
    """Contracts: by when data have to be there, and whether they will be.

    \b
      fresh         the data are there, or on their way
      at risk       the chance of being late is a fifth or more (--warn-chance)
      will be late  it is one half or more
      late          they are not there in time; a run is coming that brings them
      broken        none is: nothing is scheduled in time
    """  # noqa: D301  # \b is click's mark for lines to be kept
