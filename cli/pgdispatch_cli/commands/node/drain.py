"""Let a node take no new jobs."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import click
from sqlalchemy import Connection, Interval, Text, func, literal, select

from pgdispatch.errors import PgdispatchError
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import span
from pgdispatch_cli.times import format_instant
from pgdispatch_cli.transaction import database

EVERY = 0.5  # seconds between two looks
LATE = 10.0  # how long after the time that was given it still waits


@click.command(
    epilog=example(
        "pgdispatch node drain etl-1",
        "pgdispatch node drain etl-1 --within 110s --wait --reason 'spot notice'",
    )
)
@click.argument("name")
@click.option(
    "--within",
    type=span,
    metavar="SPAN",
    help="By then nothing runs there any more: 110s, 2h. Without it what runs goes on.",
)
@click.option("--wait", is_flag=True, help="Return when nothing runs there any more.")
@reason_option
@json_option
@database_option
def command(*, name: str, within: timedelta | None, wait: bool, as_json: bool) -> None:
    """Let a node take no new jobs; those that run there go on.

    It stays so, over restarts too, until it is resumed. With --within, for a machine that is about
    to go, what still runs is asked to stop 5 s before that time, killed if it does not, and goes
    back to the queue without a failure; and it stays so only until the node's worker stops. A node
    that is drained already gets the time given now, or none.
    """
    with database() as connection:
        busy, ends_at = drain(connection, name, within)
        if wait:
            connection.commit()
            busy = wait_until_empty(connection, name, within)
    ends = "" if ends_at is None else f" and is empty by {format_instant(ends_at)}"
    facts = {"node": name, "drain_ends_at": ends_at, "busy": busy}
    write_done(f"node {name} takes no new jobs{ends}", facts, as_json=as_json)


def drain(
    connection: Connection, name: str, within: timedelta | None
) -> tuple[int, datetime | None]:
    """Drain a node; return how many jobs run there, and by when none does, if that was given.

    Transaction: joins the caller's; commits nothing.
    """
    called = func.pgdispatch.drain(literal(name, Text), literal(within, Interval))
    now = func.pgdispatch.now()
    busy, at = connection.execute(select(called, now)).one()
    return busy, None if within is None else at + within


def wait_until_empty(connection: Connection, name: str, within: timedelta | None) -> int:
    """Wait until nothing runs on a node, and return 0.

    Raises `PgdispatchError` if something still does some seconds after the time that was given, or
    the node takes jobs again.

    Transaction: one for each look, on the caller's connection; none in between.
    """
    running = func.pgdispatch.node_attempts(literal(name, Text)).table_valued("is_drained")
    look = select(func.count(), func.bool_and(running.c.is_drained)).select_from(running)
    latest = None if within is None else time.monotonic() + within.total_seconds() + LATE
    while (seen := connection.execute(look).one())[0]:
        connection.commit()
        busy, is_drained = seen
        if not is_drained:
            raise PgdispatchError(f"node {name} takes jobs again", hint="somebody has resumed it")
        if latest is not None and time.monotonic() > latest:
            raise PgdispatchError(
                f"node {name} still runs {busy} jobs",
                hint=f"see: pgdispatch node show {name}; when it is gone they go back to the queue",
            )
        time.sleep(EVERY)
    return 0
