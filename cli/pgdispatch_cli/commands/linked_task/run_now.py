"""Start a linked task by hand."""

from __future__ import annotations

import click
from sqlalchemy import BigInteger, Text, func, literal, select

from pgdispatch_cli.options import by_option, database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_job
from pgdispatch_cli.parameters import number
from pgdispatch_cli.transaction import database


@click.command(
    epilog=example(
        "pgdispatch linked-task run-now 3", "pgdispatch linked-task run-now 3 --as anna"
    ),
)
@click.argument("linked", metavar="LINKED-TASK", type=number)
@by_option
@reason_option
@json_option
@database_option
def command(linked: int, by: str, as_json: bool) -> None:
    """Start a linked task: its first step, with the linked task's priority.

    Refused while a run of it is under way.
    """
    start = func.pgdispatch.run_now_linked_task(literal(linked, BigInteger), literal(by, Text))
    with database() as connection:
        job = connection.execute(select(start)).scalar_one()
    write_job(job, as_json=as_json)
