"""B10: how long the views take at a great depth, and whether dispatch waits for who looks."""

from __future__ import annotations

import time
from collections.abc import Iterable
from statistics import median
from typing import Any

import psycopg

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.client import run_jobs
from benchmarks.rig.server import Stage
from benchmarks.workloads.loading import load_deep
from benchmarks.workloads.workload import Workload

ORDER = "precedence{d}, priority{d}, queued_at{d}, type_rank{d}, tie_first{d}, tie_second{d}, id{d}"
FIND = """
select id from pgdispatch.job where backgrounder is null order by {order} offset {skip} limit 1
"""
HEAD = "select * from pgdispatch.queue limit 20"
WHY = "select * from pgdispatch.why({job})"
NODE = "select pgdispatch.register_node('looked-at', gen_random_uuid(), 1)"
LEASE = "update pgdispatch.setting set value = '9999' where name = 'lease_seconds'"
TIMES = 5
CLAIMS = 20


def run(stage: Stage, _: list[Peer]) -> None:
    """Measure the head of the queue, and place and reason of three of its jobs."""
    jobs = stage.sizes.looked_at
    stage.say(f"the views at {jobs:,} waiting jobs")
    with stage.database() as dsn:
        with stage.connect(dsn) as connection:
            load_deep(connection, jobs)
            connection.execute(LEASE)
            connection.execute(NODE)
        stage.settle(dsn)
        with stage.connect(dsn) as connection:
            _keep(stage, connection, "head of the queue, 20 jobs", HEAD)
            middle = _find(connection, ORDER.format(d=""), jobs // 2)
            last = _find(connection, ORDER.format(d=" desc"), 0)
            first = _find(connection, ORDER.format(d=""), 0)
            for name, job in (("first", first), ("middle", middle), ("last", last)):
                _keep(stage, connection, f"place and reason of the {name} job", WHY.format(job=job))
            _claim_beside(stage, connection, dsn)


def _find(connection: psycopg.Connection[Any], order: str, skip: int) -> int:
    row = connection.execute(FIND.format(order=order, skip=skip).encode()).fetchone()
    return int(row[0]) if row else 0


def _keep(stage: Stage, connection: psycopg.Connection[Any], name: str, query: str) -> None:
    spent = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        connection.execute(query.encode()).fetchall()
        spent.append(1000 * (time.perf_counter() - begun))
    stage.samples.add(f"B10 {name}", median(spent))


def _claim_beside(stage: Stage, reader: psycopg.Connection[Any], dsn: str) -> None:
    """Claim while a reader's transaction, with all its locks, stays open."""
    with reader.transaction():
        reader.execute(HEAD.encode()).fetchall()
        calls = run_jobs(f"{dsn} options='-c lock_timeout=2s'", CLAIMS)
    stage.samples.add("B10 claims beside", len(calls.ends))


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield how long each look takes, and what dispatch did meanwhile."""
    for name in samples.values:
        if name.startswith("B10 ") and "claims" not in name:
            what = name.removeprefix("B10 ")
            yield Figure("B10", what, samples.get(name), "ms", 50, is_most=True)
    what = f"claims beside an open reader, of {CLAIMS}"
    yield Figure("B10", what, samples.get("B10 claims beside"), "", CLAIMS)


LOOKING = Workload("B10", "the views at depth", run, figures)
