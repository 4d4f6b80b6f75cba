"""B13: how long after its commit a job begins, when jobs come by a clock that waits for nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from benchmarks.peers.peer import Peer
from benchmarks.peers.working import peer_workers
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.clock import Inserter
from benchmarks.rig.forms import OWN, PEERS, Form
from benchmarks.rig.node import held_nodes, release
from benchmarks.rig.server import Stage
from benchmarks.rig.starts import Starts
from benchmarks.workloads.latency import INSERT
from benchmarks.workloads.workload import Workload
from pgdispatch.bench.rates import middle_rate
from support.nodes.processes import wait_until

FORM = Form(1, 16)
SLEEP = 0.001  # seconds of each handler
SHARE = 0.7  # of the capacity
ENDING = 600.0  # seconds that the last jobs may take
GOALS = {50: None, 99: 10.0, 99.9: 50.0}  # ms


def run(stage: Stage, peers: list[Peer]) -> None:
    """Measure pgdispatch and each peer by the clock, at a share of its own capacity."""
    with stage.database() as dsn, _own_workers(stage, dsn) as starts:
        _measure(stage, OWN, Inserter(stage, dsn, INSERT.encode()), starts)
    for peer in peers:
        starts = Starts.fresh(stage)
        with (
            stage.database(peer.template) as dsn,
            peer_workers(stage, peer, dsn, FORM, starts=starts.file, sleep=SLEEP),
        ):
            _measure(stage, peer.name, Inserter(stage, dsn, peer.insert.encode()), starts)


@contextmanager
def _own_workers(stage: Stage, dsn: str) -> Iterator[Starts]:
    starts = Starts.fresh(stage)
    environment = {
        "PGDISPATCH_BENCH_STARTS": str(starts.file),
        "PGDISPATCH_BENCH_SLEEP": str(SLEEP),
    }
    with held_nodes(stage, dsn, FORM, environment):
        release(stage, dsn)
        yield starts


def _measure(stage: Stage, name: str, inserter: Inserter, starts: Starts) -> None:
    stage.say(f"{name}: inserting as fast as its {FORM.total} slots run")
    crowd = inserter.in_a_crowd(stage.sizes.capacity_seconds, starts.count)
    began = _all_begun(inserter, starts)
    capacity = middle_rate([began[number] for number in crowd])
    stage.samples.add(f"B13 {name} capacity", capacity)
    rate, seconds = SHARE * capacity, stage.sizes.open_seconds
    stage.say(f"{name}: {rate:,.0f} inserts a second by the clock, for {seconds:g} s")
    clocked = inserter.by_clock(rate, seconds)
    began = _all_begun(inserter, starts)
    waits = [1000 * (began[number] - inserter.commits[number]) for number in clocked]
    stage.samples.extend(f"B13 {name}", waits)
    stage.samples.extend(f"B13 {name} late", [1000 * late for late in inserter.late])
    stage.samples.add(f"B13 {name} inserted", len(clocked) / seconds)


def _all_begun(inserter: Inserter, starts: Starts) -> dict[int, float]:
    wanted = len(inserter.commits)
    wait_until(lambda: starts.count() >= wanted, "the last handler", within=ENDING, every=0.1)
    return starts.read()


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield the capacity of each, what was inserted, and how long jobs waited."""
    for name in (OWN, *PEERS):
        if samples.get(f"B13 {name} capacity") is None:
            continue
        yield Figure("B13", f"{name}, capacity", samples.get(f"B13 {name} capacity"), "jobs/s")
        late = samples.percentile(f"B13 {name} late", 99) or 0.0
        remark = f"the clock's p99 was {late:.2g} ms late"
        inserted = samples.get(f"B13 {name} inserted")
        yield Figure("B13", f"{name}, inserted", inserted, "rows/s", remark=remark)
        for percent, goal in GOALS.items():
            what = f"{name}, commit returned to handler, p{percent:g}"
            value = samples.percentile(f"B13 {name}", percent)
            wanted = goal if name == OWN else None
            yield Figure("B13", what, value, "ms", wanted, is_most=True)


OPEN_LOOP = Workload("B13", "open loop", run, figures)
