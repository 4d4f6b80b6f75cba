"""Give a task another priority."""

from __future__ import annotations

import click
from sqlalchemy import select

from pgdispatch import tables
from pgdispatch_cli.changing import change_row
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import number, priority
from pgdispatch_cli.stderr import write_remark
from pgdispatch_cli.transaction import database


@click.command(epilog=example("pgdispatch task set-priority 7 10"))
@click.argument("task_number", metavar="TASK", type=number)
@click.argument("priority", type=priority)
@reason_option
@json_option
@database_option
def command(task_number: int, priority: int, as_json: bool) -> None:
    """Give a TASK another PRIORITY, 1 (highest) to 100, as 'task change --priority' does.

    Its next jobs have it. One that waits keeps its own, and is named.
    """
    job = tables.job.c
    waiting = select(job.id, job.priority).where(
        job.task == task_number, job.backgrounder.is_(None)
    )
    with database() as connection:
        change_row(connection, tables.task, task_number, {"priority": priority})
        kept = connection.execute(waiting.order_by(job.id).limit(1)).first()
    made = {"task": task_number, "priority": priority}
    write_done(f"task {task_number} has priority {priority}", made, as_json=as_json)
    if kept is not None and kept.priority != priority:
        write_remark(
            f"job {kept.id} waits with priority {kept.priority}; to change that, too: "
            f"pgdispatch set-priority {kept.id} {priority}"
        )
