"""B16: the pace of a node, and what its database grows by, while very many jobs log very much."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.node import running_node
from benchmarks.rig.server import Stage
from benchmarks.rig.starts import Starts
from benchmarks.workloads.latency import INSERT, insert_each
from benchmarks.workloads.workload import Workload
from support.nodes.node import Node
from support.nodes.processes import wait_until

FREE = 4  # backgrounders for the other jobs
LINES = 1000  # a second
EVERY = 10.0  # seconds between two looks at the table
SINGLE, AT_ONCE = 200, 2000
LOGGING = """
insert into pgdispatch.job (type, args)
select 'flow', jsonb_build_object('seconds', %s::float, 'lines', %s::integer)
from generate_series(1, %s)
"""
MANY = """
insert into pgdispatch.job (type, args)
select 'system', jsonb_build_object('n', n) from generate_series(%s::integer, %s) as n
"""
RUNNING = "select count(*) from pgdispatch.job where type = 'flow' and state = 'running'"
SIZE = """
select sum(pg_total_relation_size(relid)) from pg_partition_tree('pgdispatch.job_log')
"""
ENDED = "select count(*) from pgdispatch.job_history where type = 'system'"


def run(stage: Stage, _: list[Peer]) -> None:
    """Measure the same beside jobs that log nothing, and beside those that do."""
    for lines in (0, LINES):
        what = _kind(lines)
        stage.say(f"the pace beside {stage.sizes.logging_jobs} {what} jobs")
        with stage.database() as dsn:
            starts = Starts.fresh(stage)
            given = {"PGDISPATCH_BENCH_STARTS": str(starts.file)}
            slots = stage.sizes.logging_jobs + FREE
            with running_node(stage, dsn, slots, given) as node, _sizes(stage, dsn, what):
                _measure(stage, dsn, node, starts, lines=lines)


@contextmanager
def _sizes(stage: Stage, dsn: str, what: str) -> Iterator[None]:
    """Keep how large the logs are, again and again."""
    sizes: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(EVERY):
            sizes.append(_number(stage, dsn, SIZE) / 2**20)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    stage.samples.extend(f"B16 MB {what}", sizes)
    stage.say("job_log in MB, every 10 s: " + ", ".join(f"{size:.0f}" for size in sizes))


def _measure(stage: Stage, dsn: str, node: Node, starts: Starts, *, lines: int) -> None:
    what, jobs, seconds = _kind(lines), stage.sizes.logging_jobs, stage.sizes.logging_seconds
    ends = time.monotonic() + seconds
    with stage.connect(dsn) as connection:
        connection.execute(LOGGING, [seconds, lines, jobs])
    wait_until(lambda: _number(stage, dsn, RUNNING) == jobs, "their start", within=60, every=0.1)
    time.sleep(seconds / 4)  # until their logs are being written, and long ones are cut
    known = insert_each(stage, dsn, INSERT, range(SINGLE))
    wait_until(lambda: starts.count() >= SINGLE, "the last handler", within=60, every=0.1)
    began = starts.read()
    late = [1000 * (began[number] - known[number][1]) for number in known]
    stage.samples.extend(f"B16 late {what}", late)
    begun = time.monotonic()
    with stage.connect(dsn) as connection:
        connection.execute(MANY, [SINGLE, SINGLE + AT_ONCE - 1])
    wait_until(
        lambda: _number(stage, dsn, ENDED) >= SINGLE + AT_ONCE, "their end", within=300, every=0.05
    )
    stage.samples.add(f"B16 rate {what}", AT_ONCE / (time.monotonic() - begun))
    stage.samples.add(f"B16 still {what}", _number(stage, dsn, RUNNING))
    time.sleep(max(ends - time.monotonic(), 0))
    node.check()


def _kind(lines: int) -> str:
    return "logging" if lines else "silent"


def _number(stage: Stage, dsn: str, query: str) -> float:
    with stage.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
    return float(row[0]) if row else 0.0


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield the pace of both, and what the logs have become."""
    for what in ("silent", "logging"):
        for percent in (50, 99):
            value = samples.percentile(f"B16 late {what}", percent)
            yield Figure("B16", f"beside {what} jobs, commit to handler, p{percent}", value, "ms")
        rate = samples.get(f"B16 rate {what}")
        yield Figure("B16", f"beside {what} jobs, others", rate, "jobs/s")
        still = samples.get(f"B16 still {what}")
        yield Figure("B16", f"{what} jobs that still ran then", still, "jobs")
    sizes = samples.series.get("B16 MB logging") or [0.0]
    yield Figure("B16", "logs of all of them, at the end", sizes[-1], "MB")


LOGGERS = Workload("B16", "beside jobs that log very much", run, figures)
