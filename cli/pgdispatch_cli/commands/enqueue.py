"""Add a job to the queue."""

from __future__ import annotations

from typing import Any, get_args

import click
from sqlalchemy import Connection, select

from pgdispatch import producer, tables
from pgdispatch.new_job import KeyUntil, OnConflict
from pgdispatch_cli.options import by_option, database_option, example, json_option
from pgdispatch_cli.output import write_done, write_job
from pgdispatch_cli.parameters import ATTEMPTS, json_object, number, priority, span, when
from pgdispatch_cli.transaction import database


@click.command(
    epilog=example(
        "pgdispatch enqueue system",
        'pgdispatch enqueue full_extract --datasource sales --args \'{"table": "sales"}\'',
        "pgdispatch enqueue flow --not-before 22:00 --timeout 1h30m",
        "pgdispatch enqueue system --key order-17 --on-conflict nothing",
    )
)
@click.argument("type", required=False)
@click.option("--site", help="Site (default: default).")
@click.option("--title", help="Name for people.")
@click.option("--datasource", help="What it refreshes; never two at once on one.")
@click.option("--schedule", help="Schedule it belongs to.")
@click.option(
    "--task", type=number, metavar="TASK", help="Task it is a run of; says its type and site."
)
@click.option("--priority", type=priority, metavar="N", help="1 (highest) to 100.")
@click.option(
    "--args", "arguments", type=json_object, metavar="JSON", help="JSON object for the handler."
)
@click.option("--not-before", type=when, help="ISO 8601, HH:MM or +15min.")
@click.option("--timeout", type=span, help="How long it may run: 90s, 15min, 1h30m.")
@click.option(
    "--max-attempts", type=ATTEMPTS, metavar="N", help="How often it is tried; 1: no retry."
)
@click.option(
    "--traceparent",
    envvar="TRACEPARENT",
    metavar="TRACE",
    help="Trace it belongs to, a W3C traceparent; or $TRACEPARENT.",
)
@click.option("--key", help="While a job waits with it, its site gets no second one.")
@click.option(
    "--key-until",
    type=click.Choice(get_args(KeyUntil)),
    help="Nor while that runs (ended), or is in the history (forgotten).",
)
@click.option(
    "--on-conflict",
    type=click.Choice(get_args(OnConflict)),
    help="What to do if the key is taken (default: refuse).",
)
@by_option
@json_option
@database_option
def command(*, arguments: dict[str, Any] | None, by: str, as_json: bool, **columns: Any) -> None:
    """Add a job to the queue; only its TYPE (or a task) is needed."""
    if columns["type"] is None and columns["task"] is None:
        raise click.UsageError("name a job type, or a task with --task")
    statement = producer.enqueue(args=arguments, created_by=by, **columns)
    with database(checked=False) as connection:  # a producer need not be able to look
        job: Any = connection.execute(statement).scalar_one_or_none()
        holding = holder(connection, **columns) if job is None else None
    if job is not None:
        write_job(job, as_json=as_json)
        return
    is_replaced = columns["on_conflict"] == "replace"
    has = "has its arguments and priority now" if is_replaced else "has that key"
    who = "a job of another database user" if holding is None else f"job {holding}"
    write_done(f"{who} {has}, none was added", {"job": holding, "is_new": False}, as_json=as_json)


def holder(
    connection: Connection, *, key: str, site: str | None, task: int | None, **_: Any
) -> int | None:
    """Return the job that has a key, if this database user has inserted it."""
    own = tables.own_job.c
    found = select(own.job).where(own.key == key).order_by(own.job.desc()).limit(1)
    if site is not None or task is None:
        found = found.where(own.site == (site or "default"))
    return connection.execute(found).scalar_one_or_none()
