"""Everything about one job, wherever it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import click
from sqlalchemy import BigInteger, Connection, Select, Text, column, func, literal, select
from sqlalchemy.dialects.postgresql import INTERVAL

from pgdispatch import tables
from pgdispatch.errors import NotFoundError
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import format_value, write_block, write_facts, write_folded, write_json
from pgdispatch_cli.parameters import number
from pgdispatch_cli.stderr import printable
from pgdispatch_cli.times import format_span, zone_label
from pgdispatch_cli.transaction import database

Facts = Mapping[str, Any]


@click.command(epilog=example("pgdispatch show 42", "pgdispatch show 42 --json"))
@click.argument("job", type=number)
@json_option
@database_option
def command(job: int, as_json: bool) -> None:
    """Show everything about one job, wherever it is.

    Waiting: its position and reason. Running: where, how long and how far. Ended: how, with error
    and log.
    """
    with database() as connection:
        found = find(connection, job)
    if as_json:
        write_json([found])
        return
    title = f": {printable(found['title'])}" if found["title"] else ""
    write_folded(title, first=f"job {job}")
    facts = [*where_it_is(found), *what_it_is(found), *what_happened(found)]
    write_facts([*facts, ("times in", zone_label())])
    write_block("error", found.get("error"))
    write_block("log", found.get("log"))


def find(connection: Connection, job: int) -> Facts:
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
        state = "running" if found["state"] == "running" else "waiting"
        return {**found, "dispatch_state": found["state"], "state": state, **(place.first() or {})}
    row = connection.execute(select(ended).where(ended.c.id == job).limit(1)).mappings()
    found = row.one_or_none()
    if found is None:
        raise NotFoundError(
            f"job {job} does not exist", hint="see: pgdispatch queue, status and jobs"
        )
    return {**found, "state": found["outcome"]}


def why(job: int) -> Select[tuple[int, str, str, timedelta]]:
    """Return the query of a job's place in the queue and why it waits; no row: it does not."""
    found = func.pgdispatch.why(literal(job, BigInteger)).table_valued(
        column("position", BigInteger),
        column("decided_by", Text),
        column("reason", Text),
        column("waits_for", INTERVAL),
    )
    return select(found)


def where_it_is(job: Facts) -> list[tuple[str, str]]:
    """Return what became of the job so far."""
    state = job["state"]
    if job.get("failed_as"):
        state += f" ({job['failed_as']})"
    progress = ""
    if job["progress"] is not None:
        progress = f"{format_value(job['progress'])} % {format_value(job['progress_note'])}".strip()
    return [
        ("state", state),
        ("position", _place(job)),
        ("waits because", format_value(job.get("reason"))),
        ("decided by", format_value(job.get("decided_by"))),
        ("backgrounder", format_value(job["backgrounder"])),
        ("progress", progress),
        ("result", format_value(job.get("result"))),
    ]


def _place(job: Facts) -> str:
    """Return the place of a job that waits; one far behind has none by number."""
    if "reason" in job and job["position"] is None:
        return "behind more than 100000"
    return format_value(job.get("position"))


def what_it_is(job: Facts) -> list[tuple[str, str]]:
    """Return what the job was created with."""
    usual = job["usual_seconds"]
    serial = " (serial)" if job["is_serial"] else ""
    return [
        ("type", job["type"]),
        ("site", format_value(job["site"])),
        ("priority", format_value(job["priority"]) + (", Run Now" if job["run_now"] else "")),
        ("datasource", format_value(job["datasource"])),
        ("schedule", format_value(job["schedule"]) + serial),
        ("task", format_value(job["task"])),
        ("linked run", linked_step(job)),
        ("arguments", format_value(job["args"] or None)),
        ("timeout", format_value(job["timeout"]) or "none"),
        ("usual time", "" if usual is None else format_value(usual) + " s"),
    ]


def what_happened(job: Facts) -> list[tuple[str, str]]:
    """Return the job's instants, with how long it waited and ran."""
    created, started, ended = job["created_at"], job["started_at"], job.get("ended_at")
    until = started or ended
    waited = until - created if until else job.get("waits_for")
    ran = ended - started if started and ended else job.get("runs_for")
    by = f" by {printable(job['created_by'])}"
    if job["inserted_by"] != job["created_by"]:
        by += f" (database user {printable(job['inserted_by'])})"
    cancelled = format_value(job["cancel_requested_at"])
    if cancelled:
        cancelled += f" by {format_value(job['cancelled_by'])}"
        cancelled += f": {format_value(job['cancel_reason'])}" if job["cancel_reason"] else ""
    return [
        ("scheduled", format_value(job["scheduled_at"])),
        ("created", format_value(created) + by),
        ("not before", format_value(job["not_before"])),
        ("promoted", format_value(job["promoted_at"])),
        ("started", format_value(started)),
        ("cancel asked", cancelled),
        ("ended", format_value(ended)),
        ("waited" if until else "waits for", format_span(waited) if waited is not None else ""),
        ("waited at", format_value(job["parked_gates"])),
        ("ran" if ended else "runs for", format_span(ran) if ran is not None else ""),
        ("attempts", attempts(job)),
        ("nodes lost", format_value(job["losses"] or None)),
        ("failed before", format_value(job["last_error"])),
    ]


def linked_step(job: Facts) -> str:
    """Return which run of a linked task a job belongs to, and which step of it it is."""
    return f"{job['linked_run']}, step {job['step']}" if job["linked_run"] else ""


def attempts(job: Facts) -> str:
    """Return how often a job was started, and what is left if it fails.

    An attempt whose node was lost is no failure.
    """
    left = job["max_attempts"] - job["failures"]
    started = format_value(job["attempt"])
    if "ended_at" in job or job["max_attempts"] == 1:
        return started if job["attempt"] else ""
    return f"{started}, {left} of {job['max_attempts']} left"
