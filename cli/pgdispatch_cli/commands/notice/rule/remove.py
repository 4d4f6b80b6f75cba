"""Remove a rule."""

from __future__ import annotations

import click

from pgdispatch import tables
from pgdispatch_cli.changing import delete_row
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import number
from pgdispatch_cli.transaction import database


@click.command(epilog=example("pgdispatch notice rule remove 3"))
@click.argument("rule", metavar="RULE", type=number)
@reason_option
@json_option
@database_option
def command(rule: int, as_json: bool) -> None:
    """Remove a rule; what was recorded by it is still delivered."""
    with database() as connection:
        delete_row(connection, tables.notice_rule, rule)
    write_done(f"notice rule {rule} removed", {"rule": rule}, as_json=as_json)
