"""B1 and B2: drain jobs of all types and priorities with 1, 4, 16 and 64 backgrounders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.peers.peer import Peer
from benchmarks.peers.working import drain_peer
from benchmarks.report import limits
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.forms import OWN, PEERS, Form
from benchmarks.rig.server import Stage
from benchmarks.workloads.draining import drain
from benchmarks.workloads.workload import Workload

ONE_NODE = {slots: Form(1, slots) for slots in (1, 4, 16)}
FOUR_NODES = Form(4, 4)
SLEEP = 0.02  # seconds
SLEEPING = "handlers of 20 ms"
GOALS = {
    1: {"L1": 1.0, "graphile-worker": 1.2},
    4: {"graphile-worker": 1.15, "procrastinate": 4.0},
    16: {"L4": 1.2},
}
BEST = 2.0  # times the best peer, with 16 slots
BUSY = 0.9  # of what handlers that sleep allow


def run_one(stage: Stage, peers: list[Peer]) -> None:
    """Measure L1, pgdispatch and the peers with one slot."""
    limits.one_client(stage)
    drain(stage, ONE_NODE[1])
    for peer in peers:
        drain_peer(stage, peer, Form(1))


def run_many(stage: Stage, peers: list[Peer]) -> None:
    """Measure L4, then pgdispatch and the peers with 4 slots and with 16, then many sleepers."""
    limits.four_clients(stage)
    drain(stage, ONE_NODE[4])
    for peer in peers:
        for form in peer_forms(peer, 4):
            drain_peer(stage, peer, form)
    drain(stage, ONE_NODE[16])
    drain(stage, FOUR_NODES)
    for peer in peers:
        for form in peer_forms(peer, 16):
            drain_peer(stage, peer, form)
    drain(stage, Form(1, stage.sizes.sleeping_slots, SLEEPING), sleep=SLEEP)


def peer_forms(peer: Peer, slots: int) -> tuple[Form, ...]:
    """Return the forms in which a peer is measured with so many slots."""
    if slots == 4:
        return Form(4), Form(1, 4)
    return Form(1, 16), Form(4, 4), *(Form(4, 4, way) for way in peer.ways)


def figures_of_one(samples: Samples) -> Iterable[Figure]:
    """Yield the rates with one slot, and how they compare."""
    yield Figure("B1", "L1: psycopg, two commits a job", samples.get("L1"), "jobs/s")
    yield from _rates(samples, "B1", [1])
    yield from _ratios(samples, "B1", 1)


def figures_of_many(samples: Samples) -> Iterable[Figure]:
    """Yield the rates with 4 and 16 slots, how they compare, and the sleepers."""
    yield Figure("B2", "L4: pgbench, four clients", samples.get("L4"), "jobs/s")
    yield from _rates(samples, "B2", [4, 16])
    yield from _ratios(samples, "B2", 4)
    yield from _ratios(samples, "B2", 16)
    sixteen = ONE_NODE[16].key(OWN)
    ratio = samples.ratio(sixteen, best_of(samples, PEERS, 16))
    remark = _fastest(samples, 16)
    yield Figure("B2", "16 backgrounders / best peer", ratio, "x", BEST, remark=remark)
    ratio = samples.ratio(sixteen, ONE_NODE[4].key(OWN))
    yield Figure("B2", "16 backgrounders / 4", ratio, "x")
    ratio = samples.ratio(FOUR_NODES.key(OWN), sixteen)
    yield Figure("B2", "4 nodes with 4 backgrounders each / 1 with 16", ratio, "x")
    yield from _sleepers(samples)


def best_of(samples: Samples, peers: Sequence[str], slots: int) -> str:
    """Return the name of a sample: the best form of these peers that keeps their promises."""
    name = f"best of {', '.join(peers)}: {slots} slots"
    keys = [form.key(who) for who, form in _keeping(samples, peers, slots)]
    if found := samples.best_of(keys):
        samples.values[name] = dict(found)
    return name


def _fastest(samples: Samples, slots: int) -> str:
    """Return which peer in which form that keeps its promises was the fastest."""
    found = list(_keeping(samples, PEERS, slots))
    if not found:
        return ""
    who, form = max(found, key=lambda one: samples.get(one[1].key(one[0])) or 0.0)
    return form.label(who)


def _keeping(samples: Samples, peers: Sequence[str], slots: int) -> Iterator[tuple[str, Form]]:
    for who, form in measured(samples, peers, [slots]):
        if not form.is_prefetching:
            yield who, form


def measured(
    samples: Samples, who: Iterable[str], totals: Sequence[int]
) -> Iterator[tuple[str, Form]]:
    """Yield whose rate is known in which form, of those with so many slots in all."""
    for one in who:
        for name in list(samples.values):
            form = Form.of(name, one)
            if form is not None and form.total in totals:
                yield one, form


def _rates(samples: Samples, workload: str, totals: Sequence[int]) -> Iterator[Figure]:
    for total in totals:
        for who, form in measured(samples, (OWN, *PEERS), [total]):
            yield Figure(workload, form.label(who), samples.get(form.key(who)), "jobs/s")


def _ratios(samples: Samples, workload: str, slots: int) -> Iterator[Figure]:
    own = ONE_NODE[slots].key(OWN)
    label = f"{slots} backgrounder{'s' if slots > 1 else ''}"
    for other, goal in GOALS[slots].items():
        name = best_of(samples, [other], slots) if other in PEERS else other
        value = samples.ratio(own, name)
        remark = "not measured" if value is None else ""
        yield Figure(workload, f"{label} / {other}", value, "x", goal, remark=remark)


def _sleepers(samples: Samples) -> Iterator[Figure]:
    for name in list(samples.values):
        form = Form.of(name, OWN)
        if form is not None and form.way == SLEEPING:
            rate = samples.get(name)
            yield Figure("B2", form.label(OWN), rate, "jobs/s")
            possible = form.total / SLEEP
            ratio = None if rate is None else rate / possible
            busy = 100 * (samples.get(f"{name}: busy") or 0.0)
            remark = f"{busy:.0f} % of all processors were busy"
            yield Figure("B2", f"the same / {possible:,.0f}", ratio, "x", BUSY, remark=remark)
            spent = samples.get(f"{name}: server")
            yield Figure("B2", "the same, server's processor time", spent, "ms/job")


ONE = Workload("B1", "drain, 1 backgrounder", run_one, figures_of_one)
MANY = Workload("B2", "drain, 4, 16 and 64 backgrounders", run_many, figures_of_many)
