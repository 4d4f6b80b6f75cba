"""Everything about one job, wherever it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Select,
    Text,
    column,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import INTERVAL

from pgdispatch import tables
from pgdispatch.errors import NotFoundError
from pgdispatch_cli.job_facts import (
    attempt_line,
    is_told_by_attempts,
    what_happened,
    what_it_is,
    where_it_is,
)
from pgdispatch_cli.job_log import as_kept, for_people, read_lines
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import write_block, write_facts, write_folded, write_json
from pgdispatch_cli.parameters import number
from pgdispatch_cli.statements import JOB_FORECASTS
from pgdispatch_cli.stderr import printable
from pgdispatch_cli.times import zone_label
from pgdispatch_cli.transaction import database

LAST = 10  # lines that a running job has logged


@click.command(epilog=example("pgdispatch show 42", "pgdispatch show 42 --json"))
@click.argument("job", type=number)
@json_option
@database_option
def command(job: int, as_json: bool) -> None:
    """Show everything about one job, wherever it is.

    Waiting: its position and reason. Running: where, how long and how far, with the last lines that
    it logged. Ended: how, with error and the end of the log; all of that: logs. Of one that was
    tried several times each attempt.
    """
    with database() as connection:
        found = find(connection, job)
        found["attempts"] = every_attempt(connection, job)
        found |= retries(connection, job)
        found |= key_of(connection, job)
        found["forecast"] = forecast_of(connection, job) if "ended_at" not in found else None
    if as_json:
        write_json([found])
        return
    title = f": {printable(found['title'])}" if found["title"] else ""
    write_folded(title, first=f"job {job}")
    facts = [*where_it_is(found), *what_it_is(found), *what_happened(found)]
    write_facts([*facts, ("times in", zone_label())])
    if is_told_by_attempts(found):
        write_block("attempts", "\n".join(map(attempt_line, found["attempts"])))
    write_block("error", found.get("error"))
    write_block("log", for_people(job, found.get("log")))


def find(connection: Connection, job: int) -> dict[str, Any]:
    """Return all that is known of a job; its state is waiting, running or its outcome.

    Looks into the queue first: a job that ends meanwhile is then found in the history.
    """
    now = func.pgdispatch.now()
    live, ended = tables.job, tables.job_history
    row = connection.execute(
        select(live, (now - live.c.started_at).label("runs_for")).where(live.c.id == job)
    ).mappings()
    found = row.one_or_none()
    if found is not None:
        place = connection.execute(why(job)).mappings()
        said = {**found, "dispatch_state": found["state"], **(place.first() or {})}
        if found["state"] != "running":
            return {**said, "state": "waiting"}
        lines = read_lines(connection, job, attempt=found["attempt"], last=LAST)
        return {**said, "state": "running", "log": as_kept(lines)}
    row = connection.execute(select(ended).where(ended.c.id == job).limit(1)).mappings()
    found = row.one_or_none()
    if found is None:
        raise NotFoundError(
            f"job {job} does not exist", hint="see: pgdispatch queue, status and jobs"
        )
    return {**found, "state": found["outcome"]}


def every_attempt(connection: Connection, job: int) -> list[dict[str, Any]]:
    """Return all attempts at a job, the first one first."""
    view = tables.job_attempt
    asked = select(view).where(view.c.job == job).order_by(view.c.attempt)
    return [dict(row) for row in connection.execute(asked).mappings()]


def retries(connection: Connection, job: int) -> dict[str, int | None]:
    """Return of which job it is a retry, and which one is a retry of it."""
    of = tables.retry
    asked = select(of).where(or_(of.c.job == job, of.c.retry_of == job))
    found = {row["job"]: row["retry_of"] for row in connection.execute(asked).mappings()}
    retried_as = next((again for again, former in found.items() if former == job), None)
    return {"retry_of": found.get(job), "retried_as": retried_as}


def key_of(connection: Connection, job: int) -> dict[str, str | None]:
    """Return the key that the job was inserted with, and until when it counts."""
    of = tables.job_key.c
    asked = select(of.key, of.until.label("key_until")).where(of.job == job)
    row = connection.execute(asked).mappings().one_or_none()
    return {"key": None, "key_until": None, **(row or {})}


def forecast_of(connection: Connection, job: int) -> dict[str, Any] | None:
    """Return what is said of when it starts and ends; None: nothing."""
    cursor = connection.connection.cursor()
    cursor.execute(JOB_FORECASTS, [[job]])
    names = [column[0] for column in cursor.description or ()]
    row = cursor.fetchone()
    return None if row is None else dict(zip(names, row, strict=True))


def why(job: int) -> Select[tuple[int, str, str, str, int, bool, timedelta]]:
    """Return the query of a job's place in the queue and why it waits; no row: it does not."""
    found = func.pgdispatch.why(literal(job, BigInteger)).table_valued(
        column("position", BigInteger),
        column("decided_by", Text),
        column("reason", Text),
        column("kind", Text),
        column("blocker", BigInteger),
        column("needs_person", Boolean),
        column("waits_for", INTERVAL),
    )
    return select(found)
