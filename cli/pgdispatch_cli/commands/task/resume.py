"""Let a suspended task run again."""

from __future__ import annotations

import click
from sqlalchemy import BigInteger, func, literal, select

from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import number
from pgdispatch_cli.transaction import database


@click.command(epilog=example("pgdispatch task resume 7"))
@click.argument("task_number", metavar="TASK", type=number)
@json_option
@database_option
def command(task_number: int, as_json: bool) -> None:
    """Let a suspended task run again; its failures so far do not count any more."""
    lift = func.pgdispatch.resume(literal(task_number, BigInteger))
    with database() as connection:
        was_suspended = connection.execute(select(lift)).scalar_one()
    was = "resumed" if was_suspended else "was not suspended; its failures count anew"
    write_done(
        f"task {task_number} {was}",
        {"task": task_number, "was_suspended": was_suspended},
        as_json=as_json,
    )
