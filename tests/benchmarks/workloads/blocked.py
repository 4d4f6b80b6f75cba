"""B4: jobs of one busy datasource stand before all others, and must not hold them up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg

from benchmarks.peers.blocking import BLOCKING, run_free_jobs
from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.client import claim_one
from benchmarks.rig.forms import Form
from benchmarks.rig.node import held_nodes, release, wait_until_ended
from benchmarks.rig.server import Stage
from benchmarks.workloads.workload import Workload
from pgdispatch.bench.rates import middle_rate

LEASE = "update pgdispatch.setting set value = '9999' where name = 'lease_seconds'"
ONE = "insert into pgdispatch.job (type, datasource, priority) values ('system', %s, 1)"
BLOCKED = """
insert into pgdispatch.job (type, datasource, priority)
select 'system', 'busy', 2 from generate_series(1, %s)
"""
FREE = "insert into pgdispatch.job (type) select 'system' from generate_series(1, %s)"
ENDS = "select extract(epoch from ended_at)::float8 from pgdispatch.job_history order by ended_at"


def run(stage: Stage, peers: list[Peer]) -> None:
    """Measure the free jobs alone, and behind each number of blocked ones."""
    for blocked in (0, *stage.sizes.parked):
        _measure(stage, blocked)
    free = stage.sizes.peer_free_jobs
    for peer in peers if free else ():
        for blocked in (0, stage.sizes.parked[0]) if peer.name in BLOCKING else ():
            rate = run_free_jobs(stage, peer, blocked=blocked, free=free)
            stage.samples.add(f"B4-{peer.name} {'behind' if blocked else 'alone'}", rate)


def _measure(stage: Stage, blocked: int) -> None:
    free = stage.sizes.free_jobs
    stage.say(f"{free:,} free jobs behind {blocked:,} of a busy datasource")
    with stage.database() as dsn:
        with stage.connect(dsn) as connection:
            _occupy(connection, dsn)
            connection.execute(ONE, [None])  # its end is when the parking begins
            connection.execute(BLOCKED, [blocked])
            connection.execute(FREE, [free])
        stage.settle(dsn)
        with held_nodes(stage, dsn, Form(1)) as nodes:
            release(stage, dsn)
            wait_until_ended(stage, dsn, nodes, free + 1)
        with stage.connect(dsn) as connection:
            ends = [float(row[0]) for row in connection.execute(ENDS)]
    stage.samples.add(f"B4 {blocked} all", free / (ends[-1] - ends[0]))
    stage.samples.add(f"B4 {blocked} parked", middle_rate(ends[1:]))


def _occupy(connection: psycopg.Connection[Any], dsn: str) -> None:
    """Let a job of the datasource run all the time, on a node that is never declared lost."""
    connection.execute(LEASE)
    connection.execute(ONE, ["busy"])
    claim_one(dsn, "holder:1")


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield the rates of the free jobs, the parking included and once it is done."""
    numbers = sorted({int(name.split()[1]) for name in samples.values if name.startswith("B4 ")})
    for number in numbers:
        what = f"free jobs behind {number:,} blocked"
        yield Figure("B4", f"{what}, parking included", samples.get(f"B4 {number} all"), "jobs/s")
    for position, number in enumerate(number for number in numbers if number):
        what = f"{number:,} blocked / none"
        ratio = samples.ratio(f"B4 {number} all", "B4 0 all")
        goal = 0.75 if position == 0 else None
        yield Figure("B4", f"{what}, parking included", ratio, "x", goal)
        parked = samples.ratio(f"B4 {number} parked", "B4 0 parked")
        yield Figure("B4", f"{what}, once parked", parked, "x", 0.95)
    for peer in BLOCKING:
        ratio = samples.ratio(f"B4-{peer} behind", f"B4-{peer} alone")
        if ratio is not None:
            yield Figure("B4", f"{peer}, {numbers[1]:,} blocked / none", ratio, "x")


BLOCKED_HEAD = Workload("B4", "blocked jobs at the head", run, figures)
