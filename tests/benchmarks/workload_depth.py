"""B3: how fast the first jobs are claimed, however many wait behind them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from benchmarks.client import run_jobs
from benchmarks.figures import Figure, Samples
from benchmarks.loading import load_deep
from benchmarks.peers.peer import Peer
from benchmarks.stage import Stage
from benchmarks.workload import Workload
from pgdispatch.bench.rates import middle_rate

UNKEPT = "alter table pgdispatch.job set (autovacuum_enabled = off)"
BYTES = 2_000  # of disk for each waiting job, the log included
STATES = ("never analyzed", "analyzed")
SHALLOW = 10_000
GOALS = {10_000_000: 0.9}  # 0.95 for lesser depths


def run(stage: Stage, _: list[Peer]) -> None:
    """Measure each depth, first on tables that were never analyzed, then on the same, analyzed."""
    for depth in stage.sizes.depths:
        if depth < stage.sizes.once_from or stage.samples.round == 0:
            _measure(stage, depth)


def _measure(stage: Stage, depth: int) -> None:
    if shutil.disk_usage(stage.folder).free < depth * BYTES:
        stage.remarks.append(f"B3: no disk for {depth:,} jobs")
        return
    claims = stage.sizes.first_claims
    stage.say(f"{depth:,} waiting jobs, the first {claims:,}")
    with stage.database() as dsn:
        with stage.connect(dsn) as connection:
            connection.execute(UNKEPT)
            load_deep(connection, depth)
            connection.execute("checkpoint")
        for state in STATES:
            if state == "analyzed":
                stage.settle(dsn)
            stage.samples.add(_name(depth, state), middle_rate(run_jobs(dsn, claims).ends))


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield the rate at each depth, and how it compares with that at the least."""
    depths = sorted({int(name.split()[1]) for name in samples.values if name.startswith("B3 ")})
    for state in STATES:
        for depth in depths:
            what = f"{depth:,} waiting, {state}"
            yield Figure("B3", what, samples.get(_name(depth, state)), "jobs/s")
    for state in STATES:
        for depth in depths:
            if depth != SHALLOW:
                ratio = samples.ratio(_name(depth, state), _name(SHALLOW, state))
                what = f"{depth:,} / {SHALLOW:,}, {state}"
                yield Figure("B3", what, ratio, "x", GOALS.get(depth, 0.95))


def _name(depth: int, state: str) -> str:
    return f"B3 {depth} {state}"


DEPTH = Workload("B3", "depth", run, figures)
