"""A job's log: read line by line, and as it is shown to people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, Text, column, func, literal, select
from sqlalchemy.dialects.postgresql import TIMESTAMP

from pgdispatch_cli.times import format_fraction

Lines = Sequence[Mapping[Any, Any]]
STAMPED = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})Z (.*)$")
BEFORE = re.compile(r"^\[(\d+) lines before these, see log_lines\]$")


def read_lines(
    connection: Connection,
    job: int,
    *,
    attempt: int | None = None,
    after: tuple[int, int] = (0, 0),
    last: int | None = None,
) -> Lines:
    """Return lines of a job's log: those after a line of an attempt, or only the last ones.

    Transaction: joins the caller's; reads only.
    """
    found = func.pgdispatch.log_lines(
        literal(job, BigInteger),
        literal(attempt, Integer),
        literal(after[0], Integer),
        literal(after[1], BigInteger),
        literal(last, Integer),
    ).table_valued(
        column("attempt", Integer),
        column("line", BigInteger),
        column("logged_at", TIMESTAMP(timezone=True)),
        column("text", Text),
    )
    return connection.execute(select(found)).mappings().all()


def as_kept(lines: Lines) -> str | None:
    """Return lines as the history keeps them: each with its time in UTC before it."""
    said = []
    for line in lines:
        at = line["logged_at"]
        if at is not None:
            stamp = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
            said.append(f"{stamp}Z {line['text']}")
        else:
            said.append(line["text"])
    return "\n".join(said) or None


def for_people(job: int, log: str | None) -> str | None:
    """Return a log as it is kept with its times in the zone that is shown."""
    return None if log is None else "\n".join(_shown(job, line) for line in log.split("\n"))


def _shown(job: int, line: str) -> str:
    stamped, before = STAMPED.match(line), BEFORE.match(line)
    if before is not None:
        return f"[{before[1]} lines before these: pgdispatch logs {job}]"
    if stamped is None:
        return line
    try:
        at = datetime.fromisoformat(stamped[1]).replace(tzinfo=UTC)
    except ValueError:  # it was not a node that wrote it
        return line
    return f"{format_fraction(at)} {stamped[2]}"
