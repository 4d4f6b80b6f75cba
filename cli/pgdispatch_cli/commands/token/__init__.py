"""Personal access tokens."""

from __future__ import annotations

import click

from pgdispatch_cli.group import CommandFolder
from pgdispatch_cli.options import database_option


@click.group(cls=CommandFolder, package=__name__, names=("add", "list", "revoke"))
@database_option
def command() -> None:
    """Tokens, by which programs sign in with Tableau's clients, in place of a password."""
