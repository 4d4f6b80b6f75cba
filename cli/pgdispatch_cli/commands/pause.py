"""Pause everything, a site, a type or a schedule's jobs."""

from __future__ import annotations

from datetime import datetime

import click
from sqlalchemy import DateTime, Text, func, literal, select

from pgdispatch import tables
from pgdispatch_cli.options import by_option, database_option, example, json_option
from pgdispatch_cli.output import write_done, write_json
from pgdispatch_cli.parameters import SCOPE, when
from pgdispatch_cli.times import format_instant
from pgdispatch_cli.transaction import database


@click.command(
    epilog=example(
        "pgdispatch pause site acme --until 06:00 --reason 'database move'",
        "pgdispatch pause type flow",
        "pgdispatch pause schedule nightly --until +2h",
        "pgdispatch pause all",
    )
)
@click.argument("scope", type=SCOPE)
@click.argument("name", required=False)
@click.option("--until", type=when, help="When it ends by itself: ISO 8601, HH:MM or +2h.")
@click.option("--reason", help="Why; whoever waits is told.")
@by_option
@json_option
@database_option
def command(
    *,
    scope: str,
    name: str | None,
    until: datetime | None,
    reason: str | None,
    by: str,
    as_json: bool,
) -> None:
    """Pause everything (all), or a site, a type or the jobs of a schedule by its NAME.

    Jobs that wait keep their places and do not start; those that run go on. Schedules still
    create their jobs. Without --until it lasts until 'pgdispatch resume'. What is paused already
    gets the time and the reason given now. While everything is paused, notices wait, too.
    """
    pause = func.pgdispatch.pause(
        literal(scope, Text), literal(name, Text), literal(until, DateTime(timezone=True)),
        literal(reason, Text), literal(by, Text),
    )  # fmt: skip
    paused = tables.paused
    row = select(paused).where(paused.c.scope == scope, paused.c.name.is_not_distinct_from(name))
    with database() as connection:
        is_new = connection.execute(select(pause)).scalar_one()
        made = dict(connection.execute(row).mappings().one())
    if as_json:
        write_json([made])
        return
    what = "everything" if name is None else f"{scope} {name}"
    end = "until it is resumed" if until is None else f"until {format_instant(until)}"
    waiting = "more than 1000" if made["waiting"] > 1000 else made["waiting"]
    write_done(f"{what} is {'' if is_new else 'still '}paused {end}; jobs that wait: {waiting}")
