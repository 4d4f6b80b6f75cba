"""B3: how fast the first jobs are claimed, however many wait behind them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from statistics import median

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.client import run_jobs
from benchmarks.rig.server import Stage
from benchmarks.workloads.loading import load_deep
from benchmarks.workloads.workload import Workload
from pgdispatch.bench.rates import middle_rate

UNKEPT = "alter table pgdispatch.job set (autovacuum_enabled = off)"
BYTES = 2_000  # of disk for each waiting job, the log included
STATES = ("never analyzed", "analyzed")
BLOCKS = 8  # of claims, by turns at each depth
SHALLOW = 10_000
GOALS = {10_000_000: 0.9}  # 0.95 for lesser depths


def run(stage: Stage, _: list[Peer]) -> None:
    """Measure all depths by turns, first on tables never analyzed, then on the same, analyzed."""
    with ExitStack() as stack:
        databases = {
            depth: stack.enter_context(stage.database())
            for depth in stage.sizes.depths
            if _is_possible(stage, depth)
        }
        for depth, dsn in databases.items():
            stage.say(f"loading {depth:,} jobs")
            with stage.connect(dsn) as connection:
                connection.execute(UNKEPT)
                load_deep(connection, depth)
        for state in STATES:
            for dsn in databases.values() if state == "analyzed" else ():
                stage.settle(dsn)
            _measure(stage, databases, state)


def _is_possible(stage: Stage, depth: int) -> bool:
    if depth >= stage.sizes.once_from and stage.samples.round > 0:
        return False
    if shutil.disk_usage(stage.folder).free < depth * BYTES:
        stage.remarks.append(f"B3: no disk for {depth:,} jobs")
        return False
    return True


def _measure(stage: Stage, databases: Mapping[int, str], state: str) -> None:
    claims = stage.sizes.first_claims
    stage.say(f"the first {claims:,} of each, {state}")
    rates: dict[int, list[float]] = {depth: [] for depth in databases}
    with stage.connect() as connection:
        connection.execute("checkpoint")
    for _ in range(BLOCKS):
        for depth, dsn in databases.items():
            rates[depth].append(middle_rate(run_jobs(dsn, claims // BLOCKS).ends))
    for depth, found in rates.items():
        stage.samples.add(_name(depth, state), median(found))


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
