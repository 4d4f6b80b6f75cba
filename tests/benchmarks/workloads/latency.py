"""B6: how long after the commit of an insert its handler starts, on an idle system."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from benchmarks.peers.peer import Peer
from benchmarks.peers.working import peer_workers
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.forms import OWN, Form
from benchmarks.rig.node import running_node
from benchmarks.rig.server import Stage
from benchmarks.rig.starts import Starts
from benchmarks.workloads.workload import Workload
from support.nodes.processes import wait_until

INSERT = """
insert into pgdispatch.job (type, args)
values ('system', jsonb_build_object('n', %(n)s::integer))
"""
PAUSE = 0.05
OPEN = 2.0  # seconds between an insert and its commit
WARM = 3  # inserts that do not count
LISTENING = 2.5  # seconds until the workers are surely idle
BESIDE = "graphile-worker"


def run(stage: Stage, peers: list[Peer]) -> None:
    """Measure pgdispatch and the peers that have something to beat."""
    with stage.database() as dsn, _own_worker(stage, dsn) as starts:
        _measure(stage, OWN, dsn, INSERT, starts)
    for peer in peers:
        if peer.name in ("graphile-worker", "procrastinate"):
            with stage.database(peer.template) as dsn:
                starts = Starts.fresh(stage)
                with peer_workers(stage, peer, dsn, Form(1), starts=starts.file):
                    _measure(stage, peer.name, dsn, peer.insert, starts)


@contextmanager
def _own_worker(stage: Stage, dsn: str) -> Iterator[Starts]:
    starts = Starts.fresh(stage)
    with running_node(stage, dsn, 1, {"PGDISPATCH_BENCH_STARTS": str(starts.file)}):
        yield starts


def _measure(stage: Stage, name: str, dsn: str, insert: str, starts: Starts) -> None:
    many = stage.sizes.latency_inserts
    few = stage.sizes.open_inserts if name == OWN else 0
    stage.say(f"{name}: {many} single inserts on an idle system, {few} held open for {OPEN:g} s")
    time.sleep(LISTENING)
    known = insert_each(stage, dsn, insert, range(WARM + many))
    known |= insert_each(stage, dsn, insert, range(-few, 0), hold=OPEN)
    wait_until(lambda: starts.count() >= len(known), "the last handler", within=30, every=0.1)
    began = starts.read()
    after = {number: 1000 * (began[number] - known[number][1]) for number in known}
    before = [1000 * (began[n] - known[n][0]) for n in range(WARM, WARM + many)]
    stage.samples.extend(f"B6 {name}", [after[n] for n in range(WARM, WARM + many)])
    stage.samples.extend(f"B6 {name} sent", before)
    stage.samples.extend(f"B6 {name} open", [after[n] for n in range(-few, 0)])


def insert_each(
    stage: Stage, dsn: str, insert: str, numbers: Iterable[int], *, hold: float = 0.0
) -> dict[int, tuple[float, float]]:
    """Insert one job for each number; return when its commit was sent, and when it returned."""
    commits = {}
    with stage.connect(dsn) as connection:
        connection.autocommit = False
        for number in numbers:
            connection.execute(insert.encode(), {"n": number})
            time.sleep(hold)
            sent = time.time()
            connection.commit()
            commits[number] = (sent, time.time())
            time.sleep(PAUSE)
    return commits


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield the latencies, of pgdispatch with its goals."""
    for name in (OWN, "graphile-worker", "procrastinate"):
        for percent, goal in ((50, 1.5), (99, 3.0)):
            value = samples.percentile(f"B6 {name}", percent)
            if value is not None:
                wanted = goal if name == OWN else None
                what = f"{name}, commit returned to handler, p{percent}"
                yield Figure("B6", what, value, "ms", wanted, is_most=True)
    for percent in (50, 99):
        value, other = (samples.percentile(f"B6 {who}", percent) for who in (OWN, BESIDE))
        ratio = None if value is None or not other else value / other
        yield Figure("B6", f"{OWN} / {BESIDE}, p{percent}", ratio, "x", 1.0, is_most=True)
    for percent, goal in ((50, 1.5), (99, 3.0)):
        what = f"{OWN}, open for 2 s before its commit, p{percent}"
        value = samples.percentile(f"B6 {OWN} open", percent)
        yield Figure("B6", what, value, "ms", goal, is_most=True)
    what = f"{OWN}, commit sent to handler, p50"
    yield Figure("B6", what, samples.percentile(f"B6 {OWN} sent", 50), "ms")


LATENCY = Workload("B6", "latency on an idle system", run, figures)
