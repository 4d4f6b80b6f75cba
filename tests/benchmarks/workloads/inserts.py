"""B7: inserts, one for each transaction and in bulk, against an equal table without triggers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.report.plain import TABLE, make_plain
from benchmarks.rig.forms import PEERS
from benchmarks.rig.server import Stage
from benchmarks.workloads.workload import Workload
from pgdispatch.bench.job_types import JOB_TYPES

OWN = "pgdispatch.job"
TABLES = (OWN, TABLE)
ONE = "insert into {table} (type, priority) values (%s, %s)"
SELECT = """
insert into {table} (type, priority)
select (%(types)s::text[])[1 + n %% 7], 1 + n %% 100 from generate_series(1, %(rows)s) as n
"""
COPY = "copy {table} (type, priority) from stdin"
BLOCKS = 10  # of single inserts, by turns
GOALS = {"single": None, "select": 0.6, "copy": 0.6}
NAMES = {"single": "one per transaction", "select": "insert … select", "copy": "copy"}
Connection = psycopg.Connection[Any]


def run(stage: Stage, peers: list[Peer]) -> None:
    """Measure single inserts by turns, then both ways in bulk, then the peers' single inserts."""
    with stage.database() as dsn, stage.connect(dsn) as connection:
        make_plain(connection)
        stage.settle(dsn)
        _single(stage, connection)
        for kind, insert in (("select", _select), ("copy", _copy)):
            for table in TABLES:
                stage.say(f"{stage.sizes.bulk_inserts:,} rows into {table} by {NAMES[kind]}")
                connection.execute(f"truncate {table}".encode())
                connection.execute("checkpoint")
                _bulk(stage, connection, table, kind, insert)
    for peer in peers:
        with stage.database(peer.template) as dsn, stage.connect(dsn) as connection:
            _peer(stage, peer, connection)


def _single(stage: Stage, connection: Connection) -> None:
    each = stage.sizes.single_inserts // BLOCKS
    stage.say(f"{each * BLOCKS:,} single inserts, with and without triggers by turns")
    spent = dict.fromkeys(TABLES, 0.0)
    for _ in range(BLOCKS):
        for table in TABLES:
            statement = ONE.format(table=table).encode()
            begun = time.perf_counter()
            for number in range(each):
                connection.execute(statement, [JOB_TYPES[number % 7], 1 + number % 100])
            spent[table] += time.perf_counter() - begun
    for table, seconds in spent.items():
        stage.samples.add(f"B7 {table} single", each * BLOCKS / seconds)


def _bulk(
    stage: Stage,
    connection: Connection,
    table: str,
    kind: str,
    insert: Callable[[Connection, str, int], None],
) -> None:
    rows = stage.sizes.bulk_inserts
    begun = time.perf_counter()
    insert(connection, table, rows)
    stage.samples.add(f"B7 {table} {kind}", rows / (time.perf_counter() - begun))


def _select(connection: Connection, table: str, rows: int) -> None:
    statement = SELECT.format(table=table).encode()
    connection.execute(statement, {"types": list(JOB_TYPES), "rows": rows})


def _copy(connection: Connection, table: str, rows: int) -> None:
    lines = "".join(
        f"{JOB_TYPES[number % 7]}\t{1 + number % 100}\n" for number in range(700)
    ).encode()
    with connection.cursor().copy(COPY.format(table=table).encode()) as copy:
        for _ in range(rows // 700):
            copy.write(lines)


def _peer(stage: Stage, peer: Peer, connection: Connection) -> None:
    inserts = stage.sizes.single_inserts
    stage.say(f"{peer.name}: {inserts:,} single inserts")
    begun = time.perf_counter()
    for number in range(inserts):
        connection.execute(peer.insert.encode(), {"n": number})
    stage.samples.add(f"B7 {peer.name}", inserts / (time.perf_counter() - begun))


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield the rates, and how they compare with the plain table."""
    for kind, name in NAMES.items():
        for table, label in ((OWN, "pgdispatch"), (TABLE, "LI: no triggers")):
            yield Figure("B7", f"{label}, {name}", samples.get(f"B7 {table} {kind}"), "rows/s")
    for name in samples.values:
        if name.startswith("B7 ") and name.count(" ") == 1:
            what = f"{name.removeprefix('B7 ')}, {NAMES['single']}"
            yield Figure("B7", what, samples.get(name), "rows/s")
    best = "best peer's single inserts"
    if found := samples.best_of([f"B7 {peer}" for peer in PEERS]):
        samples.values[best] = dict(found)
    ratio = samples.ratio(f"B7 {OWN} single", best)
    yield Figure("B7", f"pgdispatch / best peer, {NAMES['single']}", ratio, "x", 1.0)
    for kind, goal in GOALS.items():
        ratio = samples.ratio(f"B7 {OWN} {kind}", f"B7 {TABLE} {kind}")
        yield Figure("B7", f"pgdispatch / LI, {NAMES[kind]}", ratio, "x", goal)


INSERTS = Workload("B7", "inserts", run, figures)
