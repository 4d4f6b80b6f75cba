"""B8: somebody holds a snapshot while jobs are drained, so that no dead row can be removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from psycopg import IsolationLevel

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.client import Calls, run_jobs
from benchmarks.rig.node import idle_supervisor
from benchmarks.rig.server import Stage
from benchmarks.workloads.loading import load_mixed
from benchmarks.workloads.workload import Workload


def run(stage: Stage, _: list[Peer]) -> None:
    """Drain by one client, under a snapshot, with a supervisor at its duties beside it."""
    jobs = stage.sizes.held_jobs
    stage.say(f"{jobs:,} jobs by one client, under a held snapshot")
    with stage.database() as dsn:
        with stage.connect(dsn) as connection:
            load_mixed(connection, jobs)
        stage.settle(dsn)
        with idle_supervisor(stage, dsn), stage.connect(dsn) as holder:
            holder.autocommit = False
            holder.isolation_level = IsolationLevel.REPEATABLE_READ
            holder.execute("select count(*) from pgdispatch.job")
            calls = run_jobs(dsn, jobs)
            holder.rollback()
    _keep(stage.samples, calls)


def _keep(samples: Samples, calls: Calls) -> None:
    rates = tenths(calls.took)
    samples.add("B8 first", rates[0])
    samples.add("B8 last", rates[-1])
    samples.add("B8 slowest", 1000 * max(calls.took))
    if samples.round == 0:
        samples.extend("B8 rates", rates)
    samples.extend("B8 took", [1000 * took for took in calls.took])


def tenths(took: Sequence[float]) -> list[float]:
    """Return the rate in each tenth of the calls, in calls a second."""
    bounds = [len(took) * part // 10 for part in range(11)]
    parts = [took[start:end] for start, end in pairwise(bounds)]
    return [len(part) / sum(part) for part in parts]


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield the rates at both ends, how they compare, and the slowest claim."""
    for name, what in (("first", "first tenth"), ("last", "last tenth")):
        yield Figure("B8", f"{what}, one client", samples.get(f"B8 {name}"), "jobs/s")
    yield Figure("B8", "last / first tenth", samples.ratio("B8 last", "B8 first"), "x", 0.7)
    slowest = samples.get("B8 slowest")
    yield Figure("B8", "slowest finish-and-claim", slowest, "ms", 20, is_most=True)
    yield Figure("B8", "p99 of finish-and-claim", samples.percentile("B8 took", 99), "ms")


HELD = Workload("B8", "a held snapshot", run, figures)
