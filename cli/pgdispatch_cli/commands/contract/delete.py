"""Delete a contract."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import delete_thing, naming_options
from pgdispatch_cli.options import database_option, example
from pgdispatch_cli.parameters import number


@click.command(
    epilog=example(
        "pgdispatch contract delete 3", "pgdispatch contract delete 3 --yes --reason 'ticket 12'"
    )
)
@click.argument("contract", metavar="CONTRACT", type=number)
@naming_options
@database_option
def command(contract: int, **options: Any) -> None:
    """Delete a contract; what was told of it stays."""
    delete_thing("contract", contract, **options)
