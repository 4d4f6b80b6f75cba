"""The steps of a linked task: which flows, in which order."""

from __future__ import annotations

from collections.abc import Sequence

import click
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from pgdispatch import tables
from pgdispatch_cli.changing import missing
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import number
from pgdispatch_cli.transaction import database

GO_ON = "go-on"


def step_of(text: str) -> tuple[int, bool]:
    """Return a flow's number and whether its failure ends the run: `12`, or `12:go-on`."""
    task, colon, word = text.partition(":")
    if colon and word != GO_ON:
        raise click.BadParameter(f"{text!r} is neither a task's number nor NUMBER:{GO_ON}")
    return number(task), not colon


@click.command(epilog=example("pgdispatch linked-task steps 3 11 12:go-on 13"))
@click.argument("linked", metavar="LINKED-TASK", type=number)
@click.argument("chain", metavar="TASK[:go-on]...", type=step_of, nargs=-1, required=True)
@reason_option
@json_option
@database_option
def command(linked: int, chain: tuple[tuple[int, bool], ...], as_json: bool) -> None:
    """Set the steps of a linked task, in their order, in place of those it had.

    A run that is under way goes on with the new list, after the place where it is.
    """
    key = tables.linked_task.c.id
    with database() as connection:
        found = connection.execute(select(key).where(key == linked).with_for_update(key_share=True))
        if found.first() is None:
            raise missing(tables.linked_task, linked)
        set_steps(connection, linked, chain)
    write_done(
        f"linked task {linked} has {len(chain)} {'step' if len(chain) == 1 else 'steps'}",
        {"linked_task": linked, "steps": len(chain)},
        as_json=as_json,
    )


def set_steps(connection: Connection, linked: int, chain: Sequence[tuple[int, bool]]) -> None:
    """Replace the steps of a linked task by tasks, each with whether its failure ends the run.

    Raises `NotFoundError` for a task that does not exist.

    Transaction: joins the caller's; commits nothing.
    """
    step, task = tables.linked_task_step, tables.task.c.id
    known = set(connection.execute(select(task).where(task.in_([n for n, _ in chain]))).scalars())
    for unknown in [n for n, _ in chain if n not in known]:
        raise missing(tables.task, unknown)
    connection.execute(delete(step).where(step.c.linked_task == linked, step.c.step > len(chain)))
    rows = [
        {"linked_task": linked, "step": place, "task": flow, "stop_on_failure": stops}
        for place, (flow, stops) in enumerate(chain, 1)
    ]
    if rows:
        put = insert(step).values(rows)
        there = {name: put.excluded[name] for name in ("task", "stop_on_failure")}
        connection.execute(put.on_conflict_do_update(index_elements=step.primary_key, set_=there))
