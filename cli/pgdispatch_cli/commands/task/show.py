"""Everything about one task: how it is doing, its jobs in the queue, and its last runs."""

from __future__ import annotations

from typing import Any

import click
import psycopg
from psycopg.rows import dict_row

from pgdispatch_cli.filtering import find
from pgdispatch_cli.options import database_option, example, listing_options, runs_option
from pgdispatch_cli.output import Column, format_value, write_json, write_page, write_section
from pgdispatch_cli.parameters import number
from pgdispatch_cli.reading import Rows, looking, read
from pgdispatch_cli.statements import JOBS_OF_TASK

FACTS = {
    "type": "type",
    "site": "site",
    "schedule": "schedule",
    "next_run_at": "next run",
    "priority": "priority",
    "datasource": "datasource",
    "args": "arguments",
    "timeout": "timeout",
    "max_attempts": "attempts",
    "enabled": "enabled",
    "failures": "failures in a row",
    "suspended_at": "suspended",
    "suspended_by": "suspended by job",
    "usually_for": "usual time",
    "created_at": "created",
    "enabled_at": "last enabled",
}
JOBS = (
    Column("job", "job"),
    Column("state", "state"),
    Column("priority", "prio", drop=3),
    Column("scheduled_at", "scheduled", drop=2),
    Column("backgrounder", "backgrounder", drop=1, least=12, keeps=":"),
    Column("reason", "waits because", least=20),
)
RUNS = (
    Column("job", "job"),
    Column("scheduled_at", "scheduled", drop=3),
    Column("first_started_at", "started", drop=2),
    Column("ended_at", "ended"),
    Column("ran_for", "ran", drop=4),
    Column("outcome", "outcome"),
    Column("error", "error", drop=1, least=16),
)
SKIPPED = (Column("scheduled_at", "scheduled"), Column("skipped_for", "skipped for"))


@click.command(epilog=example("pgdispatch task show 7", "pgdispatch task show 7 --json"))
@click.argument("task_number", metavar="TASK", type=number)
@runs_option
@listing_options
@database_option
def command(task_number: int, runs: int, as_json: bool) -> None:
    """Show a task: how it is doing, its jobs in the queue, its last runs.

    And the last scheduled times that it had no job for: waiting, as an earlier one of it was;
    suspended; or missed, as nobody was up.
    """
    own = {"task": task_number}
    with looking() as connection:
        task = find(connection, "task_status", "task", task_number)
        jobs = in_queue(connection, task_number, runs)
        ran = read(connection, Rows("background_task", own), limit=runs)
        skips = Rows("occurrence", own, filled="skipped_for")
        skipped = read(connection, skips, latest="scheduled_at", limit=runs)
    if as_json:
        write_json([{**task, "jobs": jobs, "runs": ran, "skipped": skipped}])
        return
    known = {**task, "args": task["args"] or None}
    facts = [(label, format_value(known[field])) for field, label in FACTS.items()]
    write_page(f"task {task_number}: ", task["title"], facts)
    write_section("in the queue", jobs, JOBS)
    write_section("last runs", ran, RUNS)
    write_section("last times without a job", skipped, SKIPPED)


def in_queue(connection: psycopg.Connection, task: int, most: int) -> list[dict[str, Any]]:
    """Return the jobs of a task that wait or run, each with why it waits.

    Transaction: joins the caller's; reads only.
    """
    cursor = psycopg.Cursor(connection, row_factory=dict_row)
    found = cursor.execute(JOBS_OF_TASK, [task, most]).fetchall()
    states = {"running": "running"}
    return [{**row, "state": states.get(row["state"], "waiting")} for row in found]
