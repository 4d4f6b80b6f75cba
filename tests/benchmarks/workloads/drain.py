"""B1 and B2: drain jobs of all types and priorities with 1, 4 and 16 backgrounders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from benchmarks.peers.peer import Peer
from benchmarks.peers.working import drain_peer
from benchmarks.report import limits
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.node import held_node, release, wait_until_ended
from benchmarks.rig.server import Stage
from benchmarks.workloads.loading import load_mixed
from benchmarks.workloads.workload import Workload
from pgdispatch.bench.rates import middle_rate

RUNS = """
select
    (select max(first) from (
        select extract(epoch from min(started_at))::float8 as first
        from pgdispatch.job_history
        group by backgrounder
    ) as f) as since,
    array_agg(extract(epoch from ended_at)::float8 order by ended_at) as ends
from pgdispatch.job_history
"""
GOALS = {1: (1.2, 1.4, 4.0), 4: (0.8, 1.3, 4.0)}  # times limit, graphile-worker, procrastinate


def run_one(stage: Stage, peers: list[Peer]) -> None:
    """Measure L1, pgdispatch and the peers with one slot."""
    limits.one_client(stage)
    drain(stage, 1)
    for peer in peers:
        drain_peer(stage, peer, processes=1, slots=1)


def run_four(stage: Stage, peers: list[Peer]) -> None:
    """Measure L4, pgdispatch with 4 and 16 backgrounders, and the peers with four slots."""
    limits.four_clients(stage)
    drain(stage, 4)
    for peer in peers:
        drain_peer(stage, peer, processes=4, slots=1)
        if peer.has_slots:
            drain_peer(stage, peer, processes=1, slots=4)
    drain(stage, stage.sizes.many_slots)


def drain(stage: Stage, processes: int) -> float:
    """Return how many jobs a second a node with so many backgrounders runs, in this round."""
    return stage.once(f"pgdispatch x{processes}", lambda: _drain(stage, processes))


def _drain(stage: Stage, processes: int) -> float:
    jobs = stage.sizes.drain_jobs
    stage.say(f"pgdispatch: {jobs} jobs, backgrounders: {processes}")
    with stage.database() as dsn:
        with stage.connect(dsn) as connection:
            load_mixed(connection, jobs)
        stage.settle(dsn)
        with held_node(stage, dsn, processes) as node:
            release(stage, dsn, node)
            wait_until_ended(stage, dsn, node, jobs)
        return history_rate(stage, dsn)


def history_rate(stage: Stage, dsn: str, *, condition: str = "true") -> float:
    """Return the rate at which the jobs in the history ended, all backgrounders being at it."""
    with stage.connect(dsn) as connection:
        query = f"{RUNS} where {condition}"
        since, ends = connection.execute(query.encode()).fetchone() or (0.0, [])
    return middle_rate(ends or [], since=since or 0.0)


def figures_of_one(samples: Samples) -> Iterable[Figure]:
    """Yield the rates with one slot, and how they compare."""
    yield from _rates(samples, "B1", [("L1", "L1: psycopg, two commits a job")])
    yield from _ratios(samples, "B1", "pgdispatch x1", "L1", GOALS[1], slots=1)


def figures_of_four(samples: Samples) -> Iterable[Figure]:
    """Yield the rates with four slots, and how they compare."""
    yield from _rates(samples, "B2", [("L4", "L4: pgbench, four clients")])
    yield from _ratios(samples, "B2", "pgdispatch x4", "L4", GOALS[4], slots=4)
    many = next((name for name in samples.values if _slots(name, "pgdispatch") > 4), "")
    label = f"{_slots(many, 'pgdispatch') or 16} backgrounders / 4"
    yield Figure("B2", label, samples.ratio(many, "pgdispatch x4"), "x", goal=0.8)


def _rates(samples: Samples, workload: str, limits_of: list[tuple[str, str]]) -> Iterator[Figure]:
    for name, label in limits_of:
        yield Figure(workload, label, samples.get(name), "jobs/s")
    wanted = (1,) if workload == "B1" else (4, 16)
    for name in samples.values:
        slots = _slots(name, name.split(" ")[0])
        if slots in wanted:
            yield Figure(workload, _readable(name), samples.get(name), "jobs/s")


def _ratios(
    samples: Samples, workload: str, name: str, limit: str, goals: tuple[float, ...], *, slots: int
) -> Iterator[Figure]:
    yield Figure(workload, f"pgdispatch / {limit}", samples.ratio(name, limit), "x", goals[0])
    for peer, goal in zip(("graphile-worker", "procrastinate"), goals[1:], strict=True):
        names = [key for key in samples.values if _slots(key, peer) == slots]
        best = f"{peer} best of {slots}"
        if names:
            samples.values[best] = dict(samples.best_of(names))
        remark = "" if names else "not measured"
        value = samples.ratio(name, best)
        yield Figure(workload, f"pgdispatch / {peer}", value, "x", goal, remark=remark)


def _slots(name: str, who: str) -> int:
    """Return how many slots a rate is of, by its name (`who xPROCESSES` or with `*SLOTS`)."""
    start, _, rest = name.partition(" x")
    if start != who or not rest:
        return 0
    processes, _, slots = rest.partition("*")
    return int(processes) * int(slots or 1)


def _readable(name: str) -> str:
    who, _, rest = name.partition(" x")
    processes, _, slots = rest.partition("*")
    if slots:
        return f"{who}, 1 process with {slots} slots"
    return f"{who}, {processes} process{'es' if processes != '1' else ''}"


ONE = Workload("B1", "drain, 1 backgrounder", run_one, figures_of_one)
FOUR = Workload("B2", "drain, 4 and 16 backgrounders", run_four, figures_of_four)
