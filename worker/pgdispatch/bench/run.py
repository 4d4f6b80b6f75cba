"""One run of the measurement: make the schema, measure, drop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pgdispatch.bench.measuring import Measure, Measurement
from pgdispatch.bench.schema import own_schema


@dataclass(frozen=True)
class BenchOptions:
    """What `pgdispatch bench` was told: where, how many jobs, and how many clients at once."""

    dsn: str
    schema: str = "pgdispatch_bench"
    jobs: int = 10_000
    clients: int = 4


def run(options: BenchOptions, *, say: Callable[[str], None]) -> list[Measure]:
    """Measure inserts and drains on a server, and the limit that they are compared with.

    `say` is told what is being done. Everything happens in a schema of its own, which is gone
    afterwards, also after an error or a signal; a live installation beside it is not touched, but
    shares the machine. Raises `WrongStateError` if there is a schema of that name, and
    `PgdispatchError` when the database user lacks a right.

    Transaction: many, on connections of their own.
    """
    measurement = Measurement(options.dsn, options.schema, options.jobs, options.clients, say)
    say(f"installing into schema {options.schema}")
    with own_schema(options.dsn, options.schema):
        results = list(measurement.results())
        say(f"dropping schema {options.schema}")
    return results
