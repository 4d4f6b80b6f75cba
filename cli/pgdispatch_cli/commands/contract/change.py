"""Change a contract."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch import tables
from pgdispatch_cli.changing import change_row, cleared, given
from pgdispatch_cli.commands.contract.add import details
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import number
from pgdispatch_cli.transaction import database

CLEARABLE = {
    "datasource": "datasource",
    "task": "task",
    "schedule": "schedule",
    "linked-task": "linked_task",
    "types": "types",
    "due": "due",
    "calendar": "calendar",
    "since": "since",
    "max-age": "max_age",
    "to": "target",
    "note": "note",
}


@click.command(
    epilog=example(
        "pgdispatch contract change 3 --due 'daily at 08:00' --since 8h",
        "pgdispatch contract change 3 --clear due --clear since --max-age 26h",
    )
)
@click.argument("contract", metavar="CONTRACT", type=number)
@details
@click.option(
    "--clear",
    type=click.Choice(list(CLEARABLE)),
    metavar="OPTION",
    multiple=True,
    help=f"Set to nothing: {', '.join(CLEARABLE)}.",
)
@reason_option
@json_option
@database_option
def command(contract: int, clear: tuple[str, ...], as_json: bool, **values: Any) -> None:
    """Change a contract; in other terms it is watched from now on."""
    changes = cleared(given(**values), clear, CLEARABLE)
    with database() as connection:
        change_row(connection, tables.contract, contract, changes)
    write_done(f"contract {contract} changed", {"contract": contract}, as_json=as_json)
