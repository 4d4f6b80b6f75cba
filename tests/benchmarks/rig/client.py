"""One client that claims and finishes by SQL, as a worker in any language may, and times that."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import psycopg

from pgdispatch.bench.job_types import JOB_TYPES
from pgdispatch.database import session_settings

NAME = "client:1"
CLAIM = "select verdict, id, attempt from pgdispatch.claim($1, $2)"
FINISH = (
    "select verdict, id, attempt from pgdispatch.finish("
    "p_job => $1, p_attempt => $2, p_claim => true, p_types => $3)"
)
RECOVER = "select pgdispatch.recover($1)"
Row = tuple[str, int, int]


@dataclass(frozen=True)
class Calls:
    """When each job had ended, and how long it took to get the next one, in seconds."""

    ends: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


def run_jobs(dsn: str, jobs: int, *, name: str = NAME) -> Calls:
    """Run so many jobs, or all there are; the last one is given back.

    Transaction: one for each job.
    """
    calls, types = Calls(), list(JOB_TYPES)
    with session_settings.connect(dsn, autocommit=True, prepare_threshold=0) as connection:
        cursor = psycopg.RawCursor(connection)
        job = _claim(cursor, name)
        while job is not None:
            if len(calls.ends) == jobs:
                cursor.execute(RECOVER, [name])
                break
            begun = time.perf_counter()
            job = cursor.execute(FINISH, [job[1], job[2], types]).fetchone()
            if job is not None and job[0] == "again":
                job = _claim(cursor, name)
            calls.ends.append(time.perf_counter())
            calls.took.append(calls.ends[-1] - begun)
    return calls


def claim_one(dsn: str, name: str) -> None:
    """Take one job in hand and never end it.

    Transaction: one.
    """
    with session_settings.connect(dsn, autocommit=True) as connection:
        _claim(psycopg.RawCursor(connection), name)


def _claim(cursor: psycopg.RawCursor[Any], name: str) -> Row | None:
    row: Row | None = cursor.execute(CLAIM, [name, list(JOB_TYPES)]).fetchone()
    while row is not None and row[0] == "again":
        row = cursor.execute(CLAIM, [name, list(JOB_TYPES)]).fetchone()
    return row
