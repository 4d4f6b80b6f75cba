"""B12: resident memory of a supervisor and of a backgrounder that has run jobs."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.forms import Form
from benchmarks.rig.node import held_nodes, release, wait_until_ended
from benchmarks.rig.server import Stage
from benchmarks.workloads.loading import load_mixed
from benchmarks.workloads.workload import Workload
from pgdispatch.host.procfs import parts_of_memory

PID = "select pid from pgdispatch.backgrounder"
GOALS = {"supervisor": 50.0, "backgrounder": 25.0}


def run(stage: Stage, _: list[Peer]) -> None:
    """Measure one node after some jobs."""
    jobs = stage.sizes.memory_jobs
    stage.say(f"memory after {jobs:,} jobs")
    with stage.database() as dsn, stage.connect(dsn) as connection:
        load_mixed(connection, jobs)
        with held_nodes(stage, dsn, Form(1)) as nodes:
            release(stage, dsn)
            wait_until_ended(stage, dsn, nodes, jobs)
            row = connection.execute(PID).fetchone()
            pids = {"supervisor": nodes[0].process.pid, "backgrounder": row[0] if row else 0}
            for who, pid in pids.items():
                memory = parts_of_memory(pid)
                for kind in ("Rss", "Pss"):
                    stage.samples.add(f"B12 {who} {kind}", memory[kind] / 2**20)


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield the resident memory, and the share of it that is the process's own."""
    for who, goal in GOALS.items():
        value = samples.get(f"B12 {who} Rss")
        yield Figure("B12", f"{who}, resident", value, "MB", goal, is_most=True)
    for who in GOALS:
        value = samples.get(f"B12 {who} Pss")
        yield Figure("B12", f"{who}, its share of it (PSS)", value, "MB")


MEMORY = Workload("B12", "memory", run, figures)
