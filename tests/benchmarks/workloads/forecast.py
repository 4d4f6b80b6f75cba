"""B19: what a forecast costs: a simulated run of a long queue, and what it begins with.

Processor time, so that it says the same beside others. The collector of garbage runs as usual.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.server import Stage
from benchmarks.workloads.workload import Workload
from pgdispatch.bench.job_types import JOB_TYPES
from pgdispatch.forecast.plan import JobType, Node, Plan, QueuedJob, Schedule, Settings, Site
from pgdispatch.forecast.rules.dispatching import simulate
from pgdispatch.forecast.run import MICROS, Fate, Subject
from pgdispatch.forecast.snapshot import forecast_input, read_plan

HOUR = 3600 * MICROS
SLOTS = (8, 16, 64)
MOST = {10_000: 0.5, 100_000: 10.0}  # seconds of a processor
MOST_READING = 0.2  # seconds
TASKS, DAYS = 3_000, 7.5
TIMES = 5
INSTALLATION = """
insert into pgdispatch.schedule (name, recurrence)
select 'schedule ' || n, 'every ' || (array[1, 2, 4, 6, 8, 12])[1 + n % 6] || ' hours'
from generate_series(1, 40) as n;
insert into pgdispatch.task (type, title, schedule, datasource)
select
    (array['full_extract', 'incremental_extract', 'subscription', 'flow'])[1 + n % 4],
    'task ' || n, 'schedule ' || 1 + n % 40, 'data ' || n % 500
from generate_series(1, {tasks}) as n;
insert into pgdispatch.node (name, backgrounders, heartbeat_at) values ('n', 16, 'infinity');
insert into pgdispatch.job_history (
    id, attempt, type, site, title, datasource, schedule, task, priority, args, timeout,
    max_attempts, created_by, inserted_by, created_at, scheduled_at, run_now, is_serial,
    precedence, queued_at, type_rank, tie_first, tie_second, parked_gates, losses, failures,
    node, backgrounder, asked_at, started_at, ended_at, outcome, failed_as, log
)
select
    row_number() over (), 1, t.type, t.site, t.title, t.datasource, t.schedule, t.id, 50, '{{}}',
    interval '2 hours', 1, 'schedule', 'schedule', r.at, r.at, false, false, 1, r.at, 1, 1, 1,
    '{{}}', 0, 0, 'n', 'n:1', r.at, r.at, r.at + random() * interval '20 minutes',
    case when random() < 0.02 then 'failed' else 'succeeded' end, 'error', repeat('log ', 100)
from pgdispatch.task as t
cross join lateral (
    select now() - n * interval '8 hours' - random() * interval '1 hour' as at
    from generate_series(1, {runs}) as n
) as r;
insert into pgdispatch.job (task, scheduled_at, created_by)
select id, now(), 'schedule' from pgdispatch.task where id % 3 = 0
"""


class Lengths:
    """Draws: run times of up to 200 seconds."""

    def __init__(self) -> None:
        self._random = Random(2)  # noqa: S311  # reproducible, not secret

    def attempt(self, subject: Subject, attempt: int, started_at: int, ran: int) -> Fate:
        """Say how an attempt goes."""
        del subject, attempt, started_at
        return Fate(ran + 1 + int(self._random.random() * 200 * MICROS))


def run(stage: Stage, _: list[Peer]) -> None:
    """Simulate one run of each queue, and read the document of an installation."""
    for jobs in MOST:
        for slots in SLOTS:
            for has_gates in (False, True):
                _simulate(stage, jobs, slots, has_gates=has_gates)
    stage.say(f"the document of {TASKS:,} tasks with {DAYS:g} days of history")
    with stage.database() as dsn, stage.connect(dsn) as connection:
        query = INSTALLATION.format(tasks=TASKS, runs=round(DAYS * 3))
        connection.execute(query.encode())
        stage.settle(dsn)
        backend = connection.info.backend_pid
        server, wall, own = [], [], []
        for _again in range(TIMES):
            ran, begun, spent = _ran(backend), time.perf_counter(), time.process_time()
            read_plan(forecast_input(connection))
            server.append(_ran(backend) - ran)
            wall.append(time.perf_counter() - begun)
            own.append(time.process_time() - spent)
        stage.samples.add("B19 reading", median(server))
        stage.samples.add("B19 making a plan", median(own))
        stage.samples.add("B19 both", median(wall))


def _ran(backend: int) -> float:
    """Return how many seconds a process has had a processor."""
    return int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9


def _simulate(stage: Stage, jobs: int, slots: int, *, has_gates: bool) -> None:
    plan = long_queue(jobs, slots, has_gates=has_gates)
    stage.say(f"one run over {jobs:,} waiting jobs, {slots} backgrounders, gates: {has_gates}")
    begun = time.process_time()
    run = simulate(plan, Lengths())
    spent = time.process_time() - begun
    assert all(job.ended_at is not None for job in run.jobs)
    stage.samples.add(_name(jobs, slots, has_gates=has_gates), spent)


def _name(jobs: int, slots: int, *, has_gates: bool) -> str:
    gates = "heavy gates" if has_gates else "no gates"
    return f"B19 {jobs:,} waiting, {slots} backgrounders, {gates}"


def long_queue(jobs: int, slots: int, *, has_gates: bool) -> Plan:
    """Return a plan of many waiting jobs.

    Gates: 500 datasources, a serial schedule with a twentieth of the jobs, two sites of four that
    may run a quarter of what the backgrounders could, and a node that takes some of the types.
    """
    random = Random(1)  # noqa: S311  # reproducible, not secret
    types = {
        name: JobType(name, rank, 2 * HOUR, 1, "task", 50, run_now_first=True)
        for rank, name in enumerate(JOB_TYPES)
    }
    limit = max(slots // 4, 1)
    sites = [Site(f"s{n}", limit if has_gates and n < 2 else None) for n in range(4)]
    some = frozenset(list(types)[:5]) if has_gates else None
    nodes = (Node("a", slots // 2), Node("b", slots - slots // 2, some))
    queued = sorted(
        (_job(random, number, types, has_gates=has_gates) for number in range(1, jobs + 1)),
        key=lambda job: job.key,
    )
    return Plan(
        made_at=0,
        until=10**6 * HOUR,
        settings=Settings(60 * MICROS, 180 * HOUR, True, 3, HOUR // 2, 5, 30 * MICROS, HOUR),
        types=types,
        sites={site.name: site for site in sites},
        nodes=nodes,
        pauses=(),
        schedules=tuple(Schedule(f"p{n}", n, is_serial=has_gates and n == 0) for n in range(20)),
        tasks={},
        linked_tasks=(),
        jobs=tuple(queued),
    )


def _job(random: Random, number: int, types: dict[str, JobType], *, has_gates: bool) -> QueuedJob:
    type_ = random.choice(list(types))
    schedule = f"p{0 if random.random() < 0.05 else random.randint(1, 19)}"
    batch = number // 50 * 60 * MICROS
    rank, usual = types[type_].rank, random.random() * 1000
    return QueuedJob(
        id=number,
        type=type_,
        site=f"s{random.randrange(4)}",
        datasource=f"d{random.randrange(500)}" if has_gates else None,
        schedule=schedule,
        task=None,
        linked_task=None,
        step=None,
        scheduled_at=None,
        run_now=False,
        created_at=0,
        key=(1, random.randint(1, 100), batch, rank, usual, 0.0, number),
        not_before=None,
        timeout=2 * HOUR,
        max_attempts=1,
        attempt=0,
        failures=0,
        losses=0,
        is_cancelled=False,
        is_running=False,
        started_at=None,
        node=None,
        first_started_at=None,
    )


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield the processor seconds of one run, and the seconds of reading."""
    for jobs, most in MOST.items():
        for slots in SLOTS:
            for has_gates in (False, True):
                name = _name(jobs, slots, has_gates=has_gates)
                what = f"one simulated run, {name.removeprefix('B19 ')}"
                yield Figure("B19", what, samples.get(name), "s of a processor", most, is_most=True)
    what, seconds = f"reading what decides, {TASKS:,} tasks", "s of a processor"
    yield Figure("B19", what, samples.get("B19 reading"), seconds, MOST_READING, is_most=True)
    yield Figure("B19", "making a plan of it", samples.get("B19 making a plan"), seconds)
    yield Figure("B19", "both, until it is there", samples.get("B19 both"), "s")


FORECAST = Workload("B19", "simulation of the forecast", run, figures)
