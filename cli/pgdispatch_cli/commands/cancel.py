"""Cancel jobs, waiting or running."""

from __future__ import annotations

import click
from sqlalchemy import BigInteger, Text, func, literal, select
from sqlalchemy.exc import DBAPIError

from pgdispatch.errors import PgdispatchError
from pgdispatch_cli.failure import explain
from pgdispatch_cli.options import by_option, database_option, example, json_option
from pgdispatch_cli.output import write_done, write_json
from pgdispatch_cli.parameters import number
from pgdispatch_cli.stderr import write_error
from pgdispatch_cli.transaction import database

OUTCOMES = {
    "cancelled": "job {} cancelled",
    "requested": "job {} is running and has been asked to stop",
}


@click.command(epilog=example("pgdispatch cancel 42 43 --reason 'wrong month'"))
@click.argument("jobs", metavar="JOB...", type=number, nargs=-1, required=True)
@click.option("--reason", help="Why, for the history.")
@by_option
@json_option
@database_option
def command(jobs: tuple[int, ...], reason: str | None, by: str, as_json: bool) -> int:
    """Cancel jobs.

    A waiting job ends at once. A running one is asked to stop, and killed after a grace (setting
    cancel_grace_seconds). One that is refused does not keep the others from being cancelled.
    """
    status, done = 0, []
    with database() as connection:
        for job in jobs:
            stop = func.pgdispatch.cancel(
                literal(job, BigInteger), literal(reason, Text), literal(by, Text)
            )
            try:
                outcome = connection.execute(select(stop)).scalar_one()
                connection.commit()
            except DBAPIError as error:
                status = refuse(error)
                connection.rollback()
            else:
                done.append({"job": job, "outcome": outcome})
                if not as_json:
                    write_done(OUTCOMES[outcome].format(job))
    if as_json:
        write_json(done)
    return status


def refuse(error: DBAPIError) -> int:
    """Write why one of several was refused; an error that concerns them all goes on up."""
    explained = explain(error)
    if explained is None or explained.exit_status != PgdispatchError.exit_status:
        raise error
    write_error(explained.message, detail=explained.detail, hint=explained.hint)
    return explained.exit_status
