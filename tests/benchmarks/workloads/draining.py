"""Drain a loaded queue by nodes: the rate, and what the server spends."""

from __future__ import annotations

from benchmarks.rig.forms import OWN, Form
from benchmarks.rig.node import held_nodes, release, wait_until_ended
from benchmarks.rig.server import Stage
from benchmarks.rig.usage import Usage
from benchmarks.workloads.loading import load_mixed
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


def drain(stage: Stage, form: Form, *, sleep: float = 0.0) -> float:
    """Return how many jobs a second nodes in this form run, in this round.

    `sleep`: how long each handler takes, in seconds.
    """
    return stage.once(form.key(OWN), lambda: _drain(stage, form, sleep))


def _drain(stage: Stage, form: Form, sleep: float) -> float:
    key, jobs = form.key(OWN), stage.sizes.drain_jobs
    stage.say(f"{form.label(OWN)}: {jobs:,} jobs")
    environment = {"PGDISPATCH_BENCH_SLEEP": str(sleep)}
    with stage.database() as dsn:
        with stage.connect(dsn) as connection:
            load_mixed(connection, jobs)
        stage.settle(dsn)
        with held_nodes(stage, dsn, form, environment) as nodes:
            usage = Usage(stage)
            release(stage, dsn)
            wait_until_ended(stage, dsn, nodes, jobs)
            stage.samples.add(f"{key}: server", 1000 * usage.server_seconds() / jobs)
            stage.samples.add(f"{key}: busy", usage.busy_share())
        return history_rate(stage, dsn)


def history_rate(stage: Stage, dsn: str) -> float:
    """Return the rate at which the jobs in the history ended, all backgrounders being at it."""
    with stage.connect(dsn) as connection:
        since, ends = connection.execute(RUNS).fetchone() or (0.0, [])
    return middle_rate(ends or [], since=since or 0.0)
