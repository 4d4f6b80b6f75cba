"""Notices: who is told of what, and whether that arrives."""

from __future__ import annotations

import click

from pgdispatch_cli.group import CommandFolder
from pgdispatch_cli.options import database_option


@click.group(cls=CommandFolder, package=__name__, names=("rule", "test"))
@database_option
def command() -> None:
    """Notices: who is told of what, and whether that arrives.

    A rule names a target. What that is, a webhook or mail, is in the configuration file of a node:
    [target.NAME]. What was told is in 'pgdispatch notices'.
    """
