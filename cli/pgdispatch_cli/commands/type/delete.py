"""Delete a job type."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import delete_thing, naming_options
from pgdispatch_cli.options import database_option, example


@click.command(
    epilog=example(
        "pgdispatch type delete thumbnail",
        "pgdispatch type delete thumbnail --yes --reason 'ticket 12'",
    )
)
@click.argument("name")
@naming_options
@database_option
def command(name: str, **options: Any) -> None:
    """Delete a job type that no task uses and no node is limited to.

    Refused while jobs of it wait or run, and for those that come with the package.
    """
    delete_thing("job type", name, **options)
