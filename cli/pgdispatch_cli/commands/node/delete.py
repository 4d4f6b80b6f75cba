"""Delete a node."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import delete_thing, naming_options
from pgdispatch_cli.options import database_option, example


@click.command(
    epilog=example(
        "pgdispatch node delete etl-1",
        "pgdispatch node delete etl-1 --yes --reason 'ticket 12'",
    )
)
@click.argument("name")
@naming_options
@database_option
def command(name: str, **options: Any) -> None:
    """Delete a node that is down.

    One that its worker starts again comes back, with the default size.
    """
    delete_thing("node", name, **options)
