"""When it will start, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import click
import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from pgdispatch.errors import NotFoundError
from pgdispatch_cli.expecting import chance, clock, ends, starts, starts_in_brief
from pgdispatch_cli.filtering import KINDS
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.parameters import number
from pgdispatch_cli.reading import Rows, count, looking, read
from pgdispatch_cli.statements import LOOK_AT_FORECAST
from pgdispatch_cli.stderr import write_remark

LATE = 0.2  # a chance of being late that is worth a word
RUNS = (
    Column("schedule", "schedule", least=8),
    Column("at", "run of"),
    Column("jobs", "jobs", drop=4),
    Column("starts", "first start", drop=2, brief="starts_brief", tells_time=True),
    Column("ends", "last end", tells_time=True),
    Column("late", "late"),
    Column("decides", "last one", drop=3, least=10),
)
JOBS = (
    Column("job", "job"),
    Column("task", "task"),
    Column("title", "title", drop=3, least=10),
    Column("state", "state", drop=4),
    Column("at", "scheduled", drop=5),
    Column("starts", "starts about", brief="starts_brief", tells_time=True),
    Column("ends", "ends about", drop=2, tells_time=True),
    Column("late", "late"),
    Column("beyond", "why not", drop=1, least=10),
)


@click.command(
    epilog=example(
        "pgdispatch forecast",
        "pgdispatch forecast --late --hours 6",
        "pgdispatch forecast --job 42",
    )
)
@click.option("--hours", type=click.FloatRange(min=0, min_open=True), help="Only so far ahead.")
@click.option("--job", type=number, metavar="JOB", help="Of this job.")
@click.option("--task", type=number, metavar="TASK", help="Of this task: each coming run.")
@click.option("--schedule", metavar="NAME", help="Of this schedule.")
@click.option("--late", is_flag=True, help="Only what is late with one chance in five or more.")
@listing_options
@database_option
def command(
    *,
    hours: float | None,
    job: int | None,
    task: int | None,
    schedule: str | None,
    late: bool,
    as_json: bool,
) -> None:
    """Show when the schedules' next runs start and end, and how sure that is.

    For each run the start of its first job and the end of its last one: in the middle, as likely
    before as after, and between which times with a chance of four in five; the chance that a job
    of it is late (setting forecast_late_seconds); and the job that is most often the last. With
    --job or --task likewise of jobs. A forecast is some dozens of simulated runs of the coming
    hours, made by the nodes each minute while somebody looks.
    """
    if sum(given is not None for given in (job, task, schedule)) > 1:
        raise click.UsageError("--job, --task and --schedule are one at a time")
    of_jobs = job is not None or task is not None
    with looking() as connection:
        state = look(connection)
        rows: list[dict[str, Any]] = []
        if state["is_fresh"]:
            wanted = {"job": job, "task": task} if of_jobs else {"schedule": schedule}
            relation = Rows("forecast" if of_jobs else "schedule_forecast").of(wanted)
            rows = read(connection, relation, order=("scheduled_at", "task" if of_jobs else "site"))
        if not rows:
            check_name(connection, job, task, schedule)
    until = None if hours is None else state["made_at"] and state["made_at"] + timed(hours)
    rows = [row for row in rows if is_wanted(row, until, late=late)]
    shown = rows if as_json else [for_people(row) for row in rows]
    write_listing(
        shown, JOBS if of_jobs else RUNS, as_json=as_json, empty=why_nothing(state, late=late)
    )
    if rows and not as_json:
        at = state["made_at"]
        write_remark(
            f"seen from {clock(at, at)} up to {clock(state['until'], at)}, "
            f"{state['runs']} simulated runs"
        )


def look(connection: psycopg.Connection) -> Mapping[str, Any]:
    """Say that somebody looks, and return what the last forecast was.

    Transaction: joins the caller's, commits it, and begins another.
    """
    query = SQL(LOOK_AT_FORECAST).format(state=Identifier("pgdispatch", "forecast_state"))
    cursor = psycopg.Cursor(connection, row_factory=dict_row)
    (found,) = cursor.execute(query).fetchall()
    return found


def check_name(
    connection: psycopg.Connection, job: int | None, task: int | None, schedule: str | None
) -> None:
    """Raise `NotFoundError` for a job that does not wait or run, an unknown task or schedule."""
    named = {"job": job, "task": task, "schedule": schedule}
    for what, name in named.items():
        if name is None:
            continue
        key = "id" if what in ("job", "task") else "name"
        if count(connection, Rows(what, {key: name}), most=1) == 0:
            if what == "job":
                raise NotFoundError(
                    f"job {name} neither waits nor runs", hint=f"see: pgdispatch show {name}"
                )
            listing = KINDS[what].command
            raise NotFoundError(f"{what} {name} does not exist", hint=f"see: pgdispatch {listing}")


def timed(hours: float) -> timedelta:
    """Return so many hours as a span, a year at most."""
    return timedelta(hours=min(hours, 8760.0))


def is_wanted(row: Mapping[str, Any], until: datetime | None, *, late: bool) -> bool:
    """Tell whether a row lies before an instant and, if asked for, is likely to be late."""
    at = row["scheduled_at"] or row["starts_at"]
    if until is not None and at is not None and at > until:
        return False
    return not late or (row["late_chance"] or 0.0) >= LATE


def for_people(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of either view with its instants and chances in words."""
    at, made_at = row["scheduled_at"], row["made_at"]
    is_begun = row["starts_at"] is None and row.get("state", "running") == "running"
    is_begun = is_begun and (at is None or at <= made_at)
    last = row.get("last_title") or ""
    number_ = row.get("last_job") or row.get("last_task")
    share = row.get("last_chance")
    return {
        **row,
        "at": "" if at is None else clock(at, made_at),
        "starts": "has begun" if is_begun else starts(row),
        "starts_brief": "begun" if is_begun else starts_in_brief(row),
        "ends": ends(row),
        "late": chance(row["late_chance"]),
        "decides": f"{number_} {last} ({chance(share)})" if number_ else "",
    }


def why_nothing(state: Mapping[str, Any], *, late: bool) -> str:
    """Return why there is nothing to show, and what to do."""
    if state["is_off"]:
        return "no forecast is made: setting forecast_seconds is -1"
    if not state["is_fresh"]:
        return "there is no fresh forecast; a node makes one within a minute: look again"
    return "nothing is likely to be late" if late else "nothing is forecast of that"
