"""What is measured on an operator's server, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import psycopg

from pgdispatch.bench import bench_sql
from pgdispatch.bench.client import Order
from pgdispatch.bench.clients import rate_of
from pgdispatch.bench.job_types import JOB_TYPES
from pgdispatch.bench.schema import named
from pgdispatch.database import session_settings

ROUND_TRIPS = 200
SINGLE_INSERTS = 5  # one single insert for so many jobs


@dataclass(frozen=True)
class Measure:
    """One result: what it is, its value and unit, and its ratio to the limit if it has one."""

    what: str
    value: float
    unit: str
    of_limit: float | None = None


@dataclass(frozen=True)
class Measurement:
    """Where to measure, and how much. `say` is told what comes next."""

    dsn: str
    schema: str
    jobs: int
    clients: int
    say: Callable[[str], None]

    def results(self) -> Iterator[Measure]:
        """Yield the measures as they are made.

        Transaction: many, on connections of their own, all committed.
        """
        with session_settings.connect(self.dsn, autocommit=True) as connection:
            self.say("the way to the server")
            yield self._round_trip(connection)
            self.say("inserts")
            yield self._single(connection)
            yield self._bulk(connection)
            for clients in dict.fromkeys((1, self.clients)):
                self.say(f"{self.jobs:,} jobs, {_counted(clients)}")
                limit = self._rate(connection, "plain", clients)
                yield Measure(f"limit: two commits a job, {_counted(clients)}", limit, "jobs/s")
                rate = self._rate(connection, "drain", clients)
                ratio = rate / limit if limit else None
                yield Measure(f"pgdispatch, {_counted(clients)}", rate, "jobs/s", ratio)

    def _round_trip(self, connection: psycopg.Connection[Any]) -> Measure:
        spent = []
        for _ in range(ROUND_TRIPS):
            begun = time.perf_counter()
            connection.execute("select 1")
            spent.append(time.perf_counter() - begun)
        return Measure("round trip", 1000 * median(spent), "ms")

    def _single(self, connection: psycopg.Connection[Any]) -> Measure:
        inserts = max(self.jobs // SINGLE_INSERTS, 1)
        statement = bench_sql.INSERT.format(schema=self.schema).encode()
        cursor = psycopg.RawCursor(connection)
        begun = time.perf_counter()
        for number in range(inserts):
            cursor.execute(statement, [JOB_TYPES[number % len(JOB_TYPES)], 1 + number % 100])
        rate = inserts / (time.perf_counter() - begun)
        return Measure("inserts, one per transaction", rate, "rows/s")

    def _bulk(self, connection: psycopg.Connection[Any]) -> Measure:
        begun = time.perf_counter()
        self._fill(connection)
        rate = self.jobs / (time.perf_counter() - begun)
        return Measure(f"inserts, {self.jobs:,} by one statement", rate, "rows/s")

    def _rate(self, connection: psycopg.Connection[Any], kind: str, clients: int) -> float:
        connection.execute(named(bench_sql.CLEAR, self.schema))
        connection.execute(named(bench_sql.PLAIN_CLEAR, self.schema))
        if kind == "plain":
            connection.execute(named(bench_sql.PLAIN_FILL, self.schema, jobs=self.jobs))
        else:
            self._fill(connection)
        connection.execute(named(bench_sql.VACUUM, self.schema))
        return rate_of(
            [
                Order(self.dsn, self.schema, kind, f"bench:{number}", JOB_TYPES)
                for number in range(1, clients + 1)
            ]
        )

    def _fill(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute(named(bench_sql.FILL, self.schema), [list(JOB_TYPES), self.jobs])


def _counted(clients: int) -> str:
    return f"{clients} client{'s' if clients > 1 else ''}"
