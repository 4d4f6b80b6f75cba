"""Try a target."""

from __future__ import annotations

import time

import click
from sqlalchemy import Connection, Text, func, literal, select

from pgdispatch import tables
from pgdispatch.errors import PgdispatchError
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.transaction import database

LOOK_EVERY = 0.3


@click.command(epilog=example("pgdispatch notice test ops", "pgdispatch notice test ops --wait 5"))
@click.argument("target")
@click.option("--site", help="In whose name, for who is confined to sites.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the delivery.",
)
@json_option
@database_option
def command(target: str, site: str | None, wait: float, as_json: bool) -> None:
    """Send a notice to a target, at once, and say whether it arrived.

    Exit status 1: an attempt failed, or none was made in time; it is tried again later.
    """
    deadline = time.monotonic() + wait
    make = func.pgdispatch.test_notice(literal(target, Text), literal(site, Text))
    with database() as connection:
        number = connection.execute(select(make)).scalar_one()
        connection.commit()
        while True:
            state, reason = _look(connection, number)
            if state == "delivered":
                break
            if reason is not None or time.monotonic() > deadline:
                raise PgdispatchError(
                    f"notice {number} is not delivered to {target}",
                    detail=reason or f"it is {state} after {wait:g} s",
                    hint="it is tried again: see pgdispatch notices, and pgdispatch doctor",
                )
            time.sleep(LOOK_EVERY)
    sentence = f"notice {number} delivered to {target}"
    write_done(sentence, {"notice": number, "target": target}, as_json=as_json)


def _look(connection: Connection, number: int) -> tuple[str, str | None]:
    """Return the state of a notice, and why it is not delivered.

    Transaction: one of its own, which ends with it.
    """
    seen = tables.notice_status.c
    query = select(seen.state, seen.reason).where(seen.notice == number)
    row = connection.execute(query).one()
    connection.commit()
    return row.state, row.reason
