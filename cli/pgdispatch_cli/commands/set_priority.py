"""Give a waiting job another priority."""

from __future__ import annotations

import click
from sqlalchemy import BigInteger, Integer, func, literal, select

from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import number, priority
from pgdispatch_cli.transaction import database


@click.command(epilog=example("pgdispatch set-priority 42 10"))
@click.argument("job", type=number)
@click.argument("priority", type=priority)
@json_option
@database_option
def command(job: int, priority: int, as_json: bool) -> None:
    """Give a waiting JOB another PRIORITY, 1 (highest) to 100; it moves at once."""
    change = func.pgdispatch.set_priority(literal(job, BigInteger), literal(priority, Integer))
    with database() as connection:
        connection.execute(select(change))
    write_done(
        f"job {job} has priority {priority}", {"job": job, "priority": priority}, as_json=as_json
    )
