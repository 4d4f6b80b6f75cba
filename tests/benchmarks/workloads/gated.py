"""B5: every job has a datasource, a third a serial schedule, half a limited site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.forms import OWN, Form
from benchmarks.rig.node import held_nodes, release, wait_until_ended
from benchmarks.rig.server import Stage
from benchmarks.workloads.draining import drain, history_rate
from benchmarks.workloads.workload import Workload
from pgdispatch.bench.job_types import JOB_TYPES

SLOTS = 8
BESIDE = Form(1, 4)  # without gates
LIMIT = 3
SITES = """
insert into pgdispatch.site (name, max_running_jobs)
select 'limited ' || n, %s from generate_series(0, 9) as n
"""
SCHEDULES = """
insert into pgdispatch.schedule (name, execution)
select 'serial ' || n, 'serial' from generate_series(0, 49) as n
"""
JOBS = """
insert into pgdispatch.job (type, priority, datasource, schedule, site)
select
    (%s::text[])[1 + n %% 7],
    1 + (hashint4(n) & 1048575) %% 100,
    'datasource ' || n %% 1000,
    case when n %% 3 = 0 then 'serial ' || n / 3 %% 50 end,
    case when n %% 2 = 0 then 'limited ' || n / 2 %% 10 end
from generate_series(1, %s) as n
"""
RUNS = """
select
    extract(epoch from started_at)::float8, extract(epoch from ended_at)::float8,
    site, datasource, schedule
from pgdispatch.job_history
"""


@dataclass(frozen=True)
class Run:
    """One run of a job, in seconds, and what it occupied."""

    started: float
    ended: float
    site: str
    datasource: str
    schedule: str | None

    def gates(self) -> Iterator[tuple[str, int]]:
        """Yield its gates, each with how many may pass at once."""
        yield f"datasource {self.site}/{self.datasource}", 1
        if self.schedule is not None:
            yield f"schedule {self.schedule}", 1
        if self.site.startswith("limited"):
            yield f"site {self.site}", LIMIT


def run(stage: Stage, _: list[Peer]) -> None:
    """Measure the rate of gated jobs, and look for gates that were exceeded."""
    drain(stage, BESIDE)
    jobs = stage.sizes.gated_jobs
    stage.say(f"{jobs:,} jobs with gates, {SLOTS} backgrounders")
    with stage.database() as dsn:
        with stage.connect(dsn) as connection:
            connection.execute(SITES, [LIMIT])
            connection.execute(SCHEDULES)
            connection.execute(JOBS, [list(JOB_TYPES), jobs])
        stage.settle(dsn)
        with held_nodes(stage, dsn, Form(1, SLOTS)) as nodes:
            release(stage, dsn)
            wait_until_ended(stage, dsn, nodes, jobs)
        stage.samples.add("B5 rate", history_rate(stage, dsn))
        with stage.connect(dsn) as connection:
            runs = [Run(*row) for row in connection.execute(RUNS)]
            row = connection.execute("select count(*) from pgdispatch.swept_job").fetchone()
    stage.samples.add("B5 exceeded", exceeded(runs))
    stage.samples.add("B5 swept", row[0] if row else 0)


def exceeded(runs: Sequence[Run]) -> int:
    """Return how often a job started although one of its gates was full."""
    events: dict[str, list[tuple[float, int]]] = {}
    limits: dict[str, int] = {}
    for one in runs:
        for gate, limit in one.gates():
            limits[gate] = limit
            events.setdefault(gate, []).extend(((one.started, 1), (one.ended, -1)))
    count = 0
    for gate, changes in events.items():
        inside = 0
        for _, change in sorted(changes):  # an end before a start at the same time
            inside += change
            count += change > 0 and inside > limits[gate]
    return count


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield the rate, how it compares with jobs without gates, and what went wrong."""
    yield Figure("B5", f"gated jobs, {SLOTS} backgrounders", samples.get("B5 rate"), "jobs/s")
    ratio = samples.ratio("B5 rate", BESIDE.key(OWN))
    yield Figure("B5", "gated / B2 with 4 backgrounders", ratio, "x")
    for name in ("exceeded", "swept"):
        what = {"exceeded": "gates exceeded", "swept": "jobs found by the sweep"}[name]
        yield Figure("B5", what, samples.worst(f"B5 {name}"), "", 0, is_most=True)


GATED = Workload("B5", "gates everywhere", run, figures)
