"""Add a job to the queue."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click

from pgdispatch import producer
from pgdispatch_cli.options import by_option, database_option, example, json_option
from pgdispatch_cli.output import write_job
from pgdispatch_cli.parameters import ATTEMPTS, json_object, number, priority, span, when
from pgdispatch_cli.transaction import database


@click.command(
    epilog=example(
        "pgdispatch enqueue system",
        'pgdispatch enqueue full_extract --datasource sales --args \'{"table": "sales"}\'',
        "pgdispatch enqueue flow --not-before 22:00 --timeout 1h30m",
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
@by_option
@json_option
@database_option
def command(  # one parameter for each option
    *,
    type: str | None,  # noqa: A002  # the column's name
    site: str | None,
    title: str | None,
    datasource: str | None,
    schedule: str | None,
    task: int | None,
    priority: int | None,
    arguments: dict[str, Any] | None,
    not_before: datetime | None,
    timeout: timedelta | None,
    max_attempts: int | None,
    traceparent: str | None,
    by: str,
    as_json: bool,
) -> None:
    """Add a job to the queue; only its TYPE (or a task) is needed."""
    if type is None and task is None:
        raise click.UsageError("name a job type, or a task with --task")
    statement = producer.enqueue(
        type,
        site=site,
        title=title,
        datasource=datasource,
        schedule=schedule,
        task=task,
        priority=priority,
        args=arguments,
        not_before=not_before,
        timeout=timeout,
        max_attempts=max_attempts,
        created_by=by,
        traceparent=traceparent,
    )
    with database(checked=False) as connection:  # a producer need not be able to look
        job: Any = connection.execute(statement).scalar_one()
    write_job(job, as_json=as_json)
