"""Change a setting."""

from __future__ import annotations

import click

from pgdispatch import tables
from pgdispatch_cli.changing import change_row
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
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
@reason_option
@json_option
@database_option
def command(name: str, value: str, as_json: bool) -> None:
    """Change a setting; it takes effect at once."""
    with database() as connection:
        change_row(connection, tables.setting, name, {"value": value})
    write_done(f"setting {name} is {value}", {"setting": name, "value": value}, as_json=as_json)
