"""Start a task at once."""

from __future__ import annotations

import click
from sqlalchemy import BigInteger, Text, func, literal, select

from pgdispatch_cli.options import by_option, database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_job
from pgdispatch_cli.parameters import number
from pgdispatch_cli.transaction import database


@click.command(epilog=example("pgdispatch run-now 7", "pgdispatch run-now 7 --as anna"))
@click.argument("task", type=number)
@by_option
@reason_option
@json_option
@database_option
def command(task: int, by: str, as_json: bool) -> None:
    """Start a task at once, before everything that waits.

    A flow keeps the priority of its task. Refused while the task has a job waiting or running.
    """
    start = func.pgdispatch.run_now(literal(task, BigInteger), literal(by, Text))
    with database() as connection:
        job = connection.execute(select(start)).scalar_one()
    write_job(job, as_json=as_json)
