"""Start a whole schedule by hand."""

from __future__ import annotations

from shlex import quote

import click
from sqlalchemy import BigInteger, Select, Text, column, func, literal, select

from pgdispatch import tables
from pgdispatch_cli.options import (
    by_option,
    database_option,
    example,
    listing_options,
    reason_option,
)
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.stderr import write_error
from pgdispatch_cli.transaction import database

COLUMNS = (
    Column("task", "task"),
    Column("linked_task", "linked", drop=1),
    Column("title", "title", drop=2, least=12),
    Column("job", "job"),
    Column("refused", "passed over because", least=19, wraps=True),
)


@click.command(
    epilog=example(
        "pgdispatch schedule run-now nightly", "pgdispatch schedule run-now nightly --as anna"
    ),
)
@click.argument("name")
@by_option
@reason_option
@listing_options
@database_option
def command(name: str, by: str, as_json: bool) -> int:
    """Start all enabled tasks and linked tasks of a schedule at once, in their order.

    What has a job already, is suspended or belongs to a site without Run Now is passed over. The
    exit status is 0 unless nothing could start.
    """
    with database() as connection:
        rows = connection.execute(starting(name, by)).mappings().all()
    if rows or as_json:
        write_listing(rows, COLUMNS, as_json=as_json, empty="")
    if any(row["job"] is not None for row in rows):
        return 0
    write_error(
        f"nothing of schedule {name} was started"
        if rows
        else f"schedule {name} has nothing to run",
        hint=f"see: pgdispatch task list --schedule {quote(name)}",
    )
    return 1


def starting(name: str, by: str) -> Select[tuple[int, int, str, int, str]]:
    """Return the query that starts a schedule: its rows in the order of the start, with titles."""
    begun = (
        func.pgdispatch.run_now_schedule(literal(name, Text), literal(by, Text))
        .table_valued(
            column("task", BigInteger),
            column("linked_task", BigInteger),
            column("job", BigInteger),
            column("refused", Text),
            with_ordinality="place",
        )
        .render_derived()
    )
    task, linked = tables.task, tables.linked_task
    title = func.coalesce(task.c.title, linked.c.title).label("title")
    return (
        select(begun.c.task, begun.c.linked_task, title, begun.c.job, begun.c.refused)
        .select_from(begun)
        .outerjoin(task, task.c.id == begun.c.task)
        .outerjoin(linked, linked.c.id == begun.c.linked_task)
        .order_by(begun.c.place)
    )
