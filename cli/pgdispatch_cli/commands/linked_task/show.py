"""Everything about one linked task: its steps, and how its last runs went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from sqlalchemy import Connection, Select, select

from pgdispatch import tables
from pgdispatch_cli.changing import missing
from pgdispatch_cli.options import database_option, example, listing_options, runs_option
from pgdispatch_cli.output import (
    Column,
    format_value,
    write_json,
    write_page,
    write_section,
)
from pgdispatch_cli.parameters import number
from pgdispatch_cli.transaction import database

Facts = Mapping[str, Any]
FACTS = {
    "site": "site",
    "schedule": "schedule",
    "priority": "priority",
    "enabled": "enabled",
    "created_at": "created",
}
STEPS = (
    Column("step", "step"),
    Column("task", "task"),
    Column("title", "title", least=10),
    Column(
        "stop_on_failure", "if it fails", drop=1, form=lambda stops: "stop" if stops else "go on"
    ),
    Column("enabled", "enabled", drop=2),
    Column("suspended_at", "suspended", drop=3),
)
RUNS = (
    Column("run", "run"),
    Column("scheduled_at", "scheduled", drop=3),
    Column("created_by", "by", drop=8, least=8),
    Column("step", "step"),
    Column("task", "task", drop=6),
    Column("task_title", "title", drop=5, least=10),
    Column("job", "job", drop=1),
    Column("state", "state"),
    Column("skipped_for", "because", drop=2),
    Column("started_at", "started", drop=4),
    Column("ended_at", "ended", drop=7),
)


@click.command(
    epilog=example("pgdispatch linked-task show 3", "pgdispatch linked-task show 3 --runs 20")
)
@click.argument("linked", metavar="LINKED-TASK", type=number)
@runs_option
@listing_options
@database_option
def command(linked: int, runs: int, as_json: bool) -> None:
    """Show a linked task: its steps, and the state of each in its last runs.

    passed over: its flow was disabled or suspended, and the run went on. skipped: the whole run.
    """
    with database() as connection:
        found = find(connection, linked)
        ran = [dict(row) for row in connection.execute(last_runs(linked, runs)).mappings()]
    if as_json:
        write_json([{**found, "runs": ran}])
        return
    facts = [(label, format_value(found[field])) for field, label in FACTS.items()]
    write_page(f"linked task {linked}: ", found["title"], facts)
    ran = [{**run, "scheduled_at": run["scheduled_at"] or "Run Now"} for run in ran]
    write_section("steps", found["steps"], STEPS)
    write_section("last runs", ran, RUNS)


def find(connection: Connection, linked: int) -> dict[str, Any]:
    """Return the row of a linked task, with its steps.

    Transaction: joins the caller's; commits nothing.
    """
    own, step = tables.linked_task, tables.step_status
    row = connection.execute(select(own).where(own.c.id == linked)).mappings().one_or_none()
    if row is None:
        raise missing(own, linked)
    fields = [column for column in step.c if column.name != "linked_task"]
    steps = connection.execute(select(*fields).where(step.c.linked_task == linked)).mappings()
    return {**row, "steps": [dict(found) for found in steps]}


def last_runs(linked: int, count: int) -> Select[Any]:
    """Return the query of the steps of the last runs, newest run first."""
    run, step = tables.linked_run.c, tables.linked_task_run.c
    last = select(run.id).where(run.linked_task == linked).order_by(run.id.desc()).limit(count)
    fields = [column for column in step if column.name not in {"linked_task", "title"}]
    return select(*fields).where(step.run.in_(last)).order_by(step.run.desc(), step.step)
