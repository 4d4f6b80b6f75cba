"""B11: what one job costs the server: log, rows, blocks, and processor time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import psycopg

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.client import run_jobs
from benchmarks.rig.forms import OWN
from benchmarks.rig.server import Stage
from benchmarks.workloads.drain import ONE_NODE
from benchmarks.workloads.draining import drain
from benchmarks.workloads.workload import Workload
from pgdispatch.bench.job_types import JOB_TYPES

WAL = "select pg_current_wal_insert_lsn() - '0/0', wal_records, wal_fpi from pg_stat_wal"
ROWS = """
select
    case when relname ~ '^job_history' then 'job_history' else relname end,
    sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_hot_upd), sum(n_tup_del)
from pg_stat_user_tables
where schemaname = 'pgdispatch'
group by 1
order by 1
"""
BLOCKS = """
select sum(
    heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit, 0) + coalesce(idx_blks_read, 0)
)
from pg_statio_user_tables
where schemaname = 'pgdispatch'
"""
INSERT = "insert into pgdispatch.job (type, priority) values (%s, %s)"
KINDS = ("inserted", "updated", "updated in place (HOT)", "deleted")
GOALS = {16: 0.12}  # ms of the server's processor time a job, by backgrounders
FLUSH = 1.5  # seconds until what ended sessions did is in the statistics


def run(stage: Stage, _: list[Peer]) -> None:
    """Measure single inserts and a drain by one client, apart from a checkpoint's full pages.

    The processor time is that of the drains of B1 and B2, which run here unless they have.
    """
    for form in ONE_NODE.values():
        drain(stage, form)
    jobs = stage.sizes.written_jobs
    stage.say(f"what {jobs:,} jobs write")
    with stage.database() as dsn, stage.connect() as outside, stage.connect(dsn) as inside:
        stage.settle(dsn)
        _insert(stage, dsn, jobs // 4)  # so that the pages in use have been written once
        run_jobs(dsn, jobs // 4 - 50)
        logs = [_wal(outside)]
        rows, blocks = _rows(inside), _number(inside, BLOCKS)
        _insert(stage, dsn, jobs)
        logs.append(_wal(outside))
        run_jobs(dsn, jobs)
        logs.append(_wal(outside))
        _keep_log(stage.samples, logs, jobs)
        stage.samples.add("B11 blocks", (_number(inside, BLOCKS) - blocks) / jobs)
        for table, counts in _rows(inside).items():
            before = rows.get(table, [0.0] * 4)
            for kind, now, then in zip(KINDS, counts, before, strict=True):
                if now > then:
                    stage.samples.add(f"B11 {table}: {kind}", (now - then) / jobs)


def _insert(stage: Stage, dsn: str, jobs: int) -> None:
    with stage.connect(dsn) as connection:
        for number in range(jobs):
            connection.execute(INSERT, [JOB_TYPES[number % 7], 1 + number % 100])


def _keep_log(samples: Samples, logs: list[list[float]], jobs: int) -> None:
    start, middle, end = logs
    for phase, before, after in (
        ("insert", start, middle),
        ("run", middle, end),
        ("both", start, end),
    ):
        for kind, then, now in zip(("bytes", "records", "pages"), before, after, strict=True):
            samples.add(f"B11 {phase} {kind}", (now - then) / jobs)


def _wal(outside: psycopg.Connection[Any]) -> list[float]:
    time.sleep(FLUSH)
    row = outside.execute(WAL).fetchone()
    return [float(value) for value in row or ()]


def _rows(inside: psycopg.Connection[Any]) -> dict[str, list[float]]:
    return {row[0]: [float(value) for value in row[1:]] for row in inside.execute(ROWS)}


def _number(inside: psycopg.Connection[Any], query: str) -> float:
    row = inside.execute(query.encode()).fetchone()
    return float(row[0]) if row else 0.0


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield bytes, records, pages, rows and blocks for each job."""
    for phase, what in (("insert", "insert"), ("run", "claim and finish"), ("both", "all of it")):
        yield Figure("B11", f"WAL of {what}", samples.get(f"B11 {phase} bytes"), "bytes/job")
    yield Figure("B11", "WAL records", samples.get("B11 both records"), "per job")
    yield Figure("B11", "full pages in the WAL", samples.get("B11 both pages"), "per job")
    yield Figure("B11", "blocks looked at", samples.get("B11 blocks"), "per job")
    for name in samples.values:
        if name.startswith("B11 ") and ": " in name:
            yield Figure("B11", f"rows, {name.removeprefix('B11 ')}", samples.get(name), "per job")
    for slots, form in ONE_NODE.items():
        what = f"server's processor time, {form.label(OWN)}"
        spent = samples.get(f"{form.key(OWN)}: server")
        yield Figure("B11", what, spent, "ms/job", GOALS.get(slots), is_most=True)


WRITING = Workload("B11", "what a job costs the server", run, figures)
