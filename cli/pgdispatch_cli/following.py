"""What ends from now on, a line each, for as long as somebody looks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import click
import psycopg

from pgdispatch_cli.outlasting import keep_looking
from pgdispatch_cli.output import write_json_line
from pgdispatch_cli.reading import Rows, now, read
from pgdispatch_cli.stderr import printable
from pgdispatch_cli.times import format_clock, format_span

LAG = timedelta(minutes=1)  # a transaction is seen so long after its time, at most
AT_ONCE = 1000  # rows with their texts in one answer
KEY = ("job", "attempt")


def follow(connection: psycopg.Connection, asked: Rows, *, as_json: bool) -> None:
    """Write what ends from now on, in the order in which it is seen; JSON is an object a line.

    It goes on until it is interrupted, and outlasts an outage. What ended before is not written.

    Transaction: ends that of `connection`; then one for each look, on another.
    """
    ends = Ends(asked, now(connection))
    ends.begin(connection)
    connection.close()
    keep_looking(ends.new, partial(write, as_json=as_json))


def write(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Write ends, one a line."""
    for row in rows:
        if as_json:
            write_json_line(row)
        else:
            click.echo(line(row))


@dataclass
class Ends:
    """Which ends have been seen: those of the last minutes, as they may come out of turn."""

    asked: Rows
    looked_at: datetime
    seen: dict[tuple[int, int], datetime] = field(default_factory=dict)

    def begin(self, connection: psycopg.Connection) -> None:
        """Note what has ended so far.

        Transaction: joins the caller's; reads only.
        """
        self._note(self._unseen(connection), now(connection))

    def new(self, connection: psycopg.Connection) -> list[dict[str, Any]]:
        """Return all that has ended and has not been seen, oldest first, and note it.

        Transaction: joins the caller's; reads only.
        """
        at, lately = now(connection), self._lately()
        unseen = self._unseen(connection)
        keys = sorted(unseen, key=lambda one: (unseen[one], one))
        found: list[dict[str, Any]] = []
        for first in range(0, len(keys), AT_ONCE):
            some = keys[first : first + AT_ONCE]
            where = {**lately.where, "job = any (%s)": [job for job, _ in some]}
            rows = read(connection, replace(lately, where=where), but={"log"})
            by_key = {key(row): row for row in rows}
            found += [by_key[one] for one in some if one in by_key]
        self._note(unseen, at)
        return found

    @property
    def _since(self) -> datetime:
        return self.looked_at - LAG

    def _lately(self) -> Rows:
        return replace(self.asked, where={**self.asked.where, "ended_at > %s": self._since})

    def _unseen(self, connection: psycopg.Connection) -> dict[tuple[int, int], datetime]:
        """Return the keys of what has not been seen; all of the last minute are read each time."""
        ends = read(connection, self._lately(), only=(*KEY, "ended_at"))
        return {key(row): row["ended_at"] for row in ends if key(row) not in self.seen}

    def _note(self, unseen: dict[tuple[int, int], datetime], at: datetime) -> None:
        known = self.seen | unseen
        self.seen = {one: ended for one, ended in known.items() if ended > self._since}
        self.looked_at = at


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
