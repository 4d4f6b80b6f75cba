"""Settings of the whole installation."""

from __future__ import annotations

import click
from sqlalchemy import select

from pgdispatch import tables
from pgdispatch_cli.changing import change_row
from pgdispatch_cli.group import HelpfulGroup
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.transaction import database

COLUMNS = (
    Column("name", "setting"),
    Column("value", "value", least=8),
    Column("description", "what it does", least=20, wraps=True),
)


@click.group(cls=HelpfulGroup)
@database_option
def setting() -> None:
    """Show and change the settings of the whole installation."""


@setting.command("list", epilog=example("pgdispatch setting list"))
@listing_options
@database_option
def list_settings(as_json: bool) -> None:
    """List the settings, and what each does."""
    query = select(tables.setting).order_by(tables.setting.c.name)
    with database() as connection:
        rows = connection.execute(query).mappings().all()
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no setting")


@setting.command(
    "set",
    context_settings={"ignore_unknown_options": True},  # -1 is a value
    epilog=example(
        "pgdispatch setting set tie_break created",
        "pgdispatch setting set suspend_after_failures -1",
    ),
)
@click.argument("name")
@click.argument("value")
@database_option
def set_value(name: str, value: str) -> None:
    """Change a setting; it takes effect at once."""
    with database() as connection:
        change_row(connection, tables.setting, name, {"value": value})
    click.echo(f"setting {name} is {value}")
