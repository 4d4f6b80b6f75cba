"""Change a setting."""

from __future__ import annotations

import click

from pgdispatch import tables
from pgdispatch_cli.changing import change_row
from pgdispatch_cli.options import database_option, example
from pgdispatch_cli.transaction import database


@click.command(
    context_settings={"ignore_unknown_options": True},  # -1 is a value
    epilog=example(
        "pgdispatch setting set tie_break created",
        "pgdispatch setting set suspend_after_failures -1",
    ),
)
@click.argument("name")
@click.argument("value")
@database_option
def command(name: str, value: str) -> None:
    """Change a setting; it takes effect at once."""
    with database() as connection:
        change_row(connection, tables.setting, name, {"value": value})
    click.echo(f"setting {name} is {value}")
