"""What ends from now on, a line each, for as long as somebody looks."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import click
import psycopg

from pgdispatch_cli.connection import fix_transaction
from pgdispatch_cli.output import write_json_line
from pgdispatch_cli.reading import Rows, now, read
from pgdispatch_cli.stderr import printable
from pgdispatch_cli.times import format_clock, format_span

LAG = timedelta(minutes=1)  # a transaction is seen so long after its time, at most
EVERY = 1.0  # seconds
MOST = 1000  # in one look


def follow(connection: psycopg.Connection, asked: Rows, *, as_json: bool) -> None:
    """Write what ends from now on, in the order in which it is seen; JSON is an object a line.

    It goes on until it is interrupted. What ended before is not written again.

    Transaction: one for each look.
    """
    seen = {key(row): row["ended_at"] for row in look(connection, asked, now(connection))}
    while True:
        until = now(connection)
        for row in reversed(look(connection, asked, until)):
            if key(row) not in seen:
                seen[key(row)] = row["ended_at"]
                if as_json:
                    write_json_line(row)
                else:
                    click.echo(line(row))
        seen = {one: at for one, at in seen.items() if at > until - 2 * LAG}
        time.sleep(EVERY)


def look(connection: psycopg.Connection, asked: Rows, at: datetime) -> list[dict[str, Any]]:
    """Return what has ended lately, as of now."""
    connection.rollback()
    fix_transaction(connection)
    lately = replace(asked, where={**asked.where, "ended_at > %s": at - LAG})
    return read(connection, lately, limit=MOST, but={"log"})


def key(row: dict[str, Any]) -> tuple[int, int]:
    """Return what tells one end from all others."""
    return row["job"], row["attempt"]


def line(row: dict[str, Any]) -> str:
    """Return one end in a line."""
    ended_as = row.get("ended_as") or row["failed_as"] or row["outcome"]
    text = f"{format_clock(row['ended_at'])}  job {row['job']}, {row['type']} of {row['site']}"
    text += f", “{row['title']}”: {ended_as}" if row["title"] else f": {ended_as}"
    if row["backgrounder"]:
        text += f" on {row['backgrounder']}"
    if row["ran_for"] is not None:
        text += f" after {format_span(row['ran_for'])}"
    error = (row["error"] or "").strip().splitlines()
    return printable(f"{text}: {error[-1]}" if error else text)
