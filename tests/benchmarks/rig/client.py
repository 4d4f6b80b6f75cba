"""One client that does what a worker in any language does, and times each finish-and-claim."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import psycopg

from pgdispatch.bench.job_types import JOB_TYPES

NAME = "client:1"
CLAIM = "select verdict, id, attempt from pgdispatch.claim(%s, %s)"
FINISH = """
select verdict, id, attempt
from pgdispatch.finish(%s, %s, p_claim => true, p_types => %s)
"""
RECOVER = "select pgdispatch.recover(%s)"


@dataclass(frozen=True)
class Calls:
    """When each job had ended, and how long it took to get the next one, in seconds."""

    ends: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


def run_jobs(dsn: str, jobs: int, *, name: str = NAME) -> Calls:
    """Run so many jobs, or all there are. The last one is given back.

    Transaction: one for each job.
    """
    calls = Calls()
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = claim(connection, name)
        while row is not None:
            if len(calls.ends) == jobs:
                connection.execute(RECOVER, [name])
                break
            begun = time.perf_counter()
            row = _ask(connection, FINISH, [row[1], row[2], list(JOB_TYPES)])
            while row is not None and row[0] == "again":
                row = claim(connection, name)
            calls.ends.append(time.perf_counter())
            calls.took.append(calls.ends[-1] - begun)
    return calls


def claim(connection: psycopg.Connection[Any], name: str) -> tuple[Any, ...] | None:
    """Return the first row of a claim. Transaction: of its own, in autocommit mode."""
    return _ask(connection, CLAIM, [name, list(JOB_TYPES)])


def _ask(
    connection: psycopg.Connection[Any], statement: str, values: list[Any]
) -> tuple[Any, ...] | None:
    return connection.execute(statement, values, prepare=True).fetchone()
