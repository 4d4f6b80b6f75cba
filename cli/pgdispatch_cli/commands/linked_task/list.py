"""The linked tasks, and which step of each waits or runs."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import Select, func, select

from pgdispatch import tables
from pgdispatch_cli.filtering import Wording, explain_nothing, filtered
from pgdispatch_cli.options import (
    database_option,
    example,
    listing_options,
)
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.transaction import database

COLUMNS = (
    Column("id", "linked task"),
    Column("site", "site", drop=5, least=6),
    Column("title", "title", least=10),
    Column("schedule", "schedule", drop=3, least=8),
    Column("priority", "prio", drop=7),
    Column("enabled", "enabled", drop=4),
    Column("steps", "steps", drop=6),
    Column("last_run_at", "last run", drop=2),
    Column("job", "job", drop=1),
)
WORDING = Wording("there is no linked task{}", "exist", "exists")


@click.command(epilog=example("pgdispatch linked-task list --site acme"))
@click.option("--site", help="Only those of this site.")
@click.option("--schedule", help="Only those of this schedule.")
@listing_options
@database_option
def command(*, as_json: bool, **filters: str | None) -> None:
    """List the linked tasks; job: the step that waits or runs now."""
    own = tables.linked_task
    empty = ""
    with database() as connection:
        rows = connection.execute(filtered(linked_tasks(), own, filters)).mappings().all()
        if not rows:
            empty = explain_nothing(connection, own, filters, WORDING)
    write_listing(rows, COLUMNS, as_json=as_json, empty=empty)


def linked_tasks() -> Select[Any]:
    """Return the query of all linked tasks: how many steps, the last run, the job in the queue."""
    own, run = tables.linked_task, tables.linked_run.c
    count = select(func.count()).where(tables.linked_task_step.c.linked_task == own.c.id)
    of_own = run.linked_task == own.c.id
    last = select(func.max(run.created_at)).where(of_own, run.skipped_for.is_(None))
    job = select(func.min(tables.job.c.id)).where(tables.job.c.linked_run == run.id, of_own)
    return select(
        own,
        count.scalar_subquery().label("steps"),
        last.scalar_subquery().label("last_run_at"),
        job.scalar_subquery().label("job"),
    ).order_by(own.c.id)
