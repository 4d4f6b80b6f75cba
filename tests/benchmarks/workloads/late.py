"""B18: how long it takes to say why a job was late, and what all jobs of a night waited for."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from typing import Any

import psycopg

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.server import Stage
from benchmarks.workloads.workload import Workload

DAYS = 7
A_DAY = 1_500
NIGHT = 10_000
HANDS, NODES = 16, 4
LIMITS = {"north": 6, "small": 2}
TYPES = ("full_extract", "incremental_extract", "flow", "subscription")
ASKED = 300
COLUMNS = (
    "id, attempt, type, site, title, datasource, schedule, priority, args, max_attempts, "
    "created_by, inserted_by, created_at, scheduled_at, run_now, is_serial, precedence, queued_at, "
    "type_rank, tie_first, tie_second, parked_gates, losses, failures, node, backgrounder, "
    "asked_at, started_at, ended_at, outcome"
)
PREPARE = """
update pgdispatch.setting set value = '9999' where name = 'lease_seconds';
alter table pgdispatch.site disable trigger note_edit;
alter table pgdispatch.schedule disable trigger note_edit;
insert into pgdispatch.site (name, max_running_jobs) values ('north', 6), ('small', 2);
insert into pgdispatch.schedule (name, execution) values ('serial', 'serial');
select pgdispatch.register_node('n' || n, gen_random_uuid(), 4) from generate_series(1, 4) as n;
delete from pgdispatch.node_state;
"""
LATE = """
select id from pgdispatch.job_history
where started_at > scheduled_at + interval '15 s'
order by hashint8(id)
limit %s
"""
WHY_LATE = "select coalesce(sum(seconds), 0) from pgdispatch.why_late(%s)"
WAITS = "select count(*), sum(seconds) / 3600 from pgdispatch.waits(%s, %s)"


@dataclass(frozen=True)
class Due:
    """A job that is due at a time, and how long it runs."""

    id: int
    at: datetime
    seconds: float
    site: str
    datasource: str | None
    schedule: str

    @property
    def gates(self) -> list[tuple[str, int]]:
        """What it needs, and how many have room there."""
        found = [(f"site/{self.site}", LIMITS.get(self.site, HANDS))]
        found += [(f"datasource/{self.site}/{self.datasource}", 1)] if self.datasource else []
        return found + ([("schedule/serial", 1)] if self.schedule == "serial" else [])


def due(random: Random, begin: datetime) -> Iterator[Due]:
    """Yield the jobs of some ordinary days, and of a night that has far more, by their time."""
    times = []
    for day in range(DAYS * 3):
        at = begin + timedelta(days=day)
        times += [at + timedelta(hours=random.choice((1, 2, 2, 3, 6, 12))) for _ in range(A_DAY)]
    last = begin + timedelta(days=DAYS * 3)
    times += [last + timedelta(minutes=15 * random.randrange(40)) for _ in range(NIGHT)]
    for number, at in enumerate(sorted(times), 1):
        mean = 26 if at >= last else 90
        yield Due(
            number, at, max(random.lognormvariate(0, 0.8) * mean, 1.0),
            random.choice(("default", "default", "east", "north", "small")),
            random.choice((None, f"data {random.randrange(150)}")),
            random.choice(("serial", *(f"schedule {n}" for n in range(25)))),
        )  # fmt: skip


def played(jobs: list[Due]) -> Iterator[tuple[Due, int, datetime, datetime]]:
    """Yield which backgrounder ran each job from when to when: the first that may, by its place."""
    waiting: list[Due] = []
    free, taken = list(range(1, HANDS + 1)), Counter[str]()
    busy: list[tuple[datetime, int, int]] = []
    coming = iter([*jobs, None])
    job = next(coming)
    while job or waiting or busy:
        now = min([*([job.at] if job else []), *([busy[0][0]] if busy else [])])
        while job and job.at <= now:
            waiting.append(job)
            job = next(coming)
        while busy and busy[0][0] <= now:
            _, hand, ended = heapq.heappop(busy)
            free.append(hand)
            taken.subtract(gate for gate, _ in jobs[ended - 1].gates)
        for one in list(waiting):
            if not free:
                break
            if any(taken[gate] >= room for gate, room in one.gates):
                continue
            waiting.remove(one)
            hand, end = free.pop(), now + timedelta(seconds=one.seconds)
            taken.update(gate for gate, _ in one.gates)
            heapq.heappush(busy, (end, hand, one.id))
            yield one, hand, now, end


def load(connection: psycopg.Connection[Any], begin: datetime) -> int:
    """Fill the history as if all of it had run; return how many jobs that are."""
    random = Random(1)  # noqa: S311  # reproducible, not secret
    jobs = list(due(random, begin))
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy pgdispatch.job_history ({COLUMNS}) from stdin".encode()) as copy,
    ):
        for one, hand, start, end in sorted(played(jobs), key=lambda run: run[3]):
            node = f"n{1 + hand % NODES}"
            copy.write_row((
                one.id, 1, random.choice(TYPES), one.site, f"job {one.id}", one.datasource,
                one.schedule, 50, "{}", 1, "clock", "clock", one.at, one.at, False,
                one.schedule == "serial", 1, one.at, 0, 0.0, 0.0, "{}", 0, 0, node,
                f"{node}:{hand}", start, start, end, "succeeded",
            ))  # fmt: skip
    return len(jobs)


def run(stage: Stage, _: list[Peer]) -> None:
    """Ask about each of many late jobs, and about the whole night."""
    begin = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    begin -= timedelta(days=DAYS * 3 + 2)
    stage.say("why jobs were late")
    with stage.database() as dsn, stage.connect(dsn) as connection:
        for statement in PREPARE.strip().split(";\n"):
            connection.execute(statement.encode())
        stage.samples.add("B18 jobs", load(connection, begin))
        connection.execute("analyze")
        spent = []
        for (job,) in connection.execute(LATE, [ASKED]).fetchall():
            began = time.perf_counter()
            connection.execute(WHY_LATE, [job]).fetchall()
            spent.append(1000 * (time.perf_counter() - began))
        stage.samples.add("B18 median", median(spent[10:]))
        stage.samples.add("B18 most", max(spent[10:]))
        night = begin + timedelta(days=DAYS * 3)
        began = time.perf_counter()
        rows = connection.execute(WAITS, [night, night + timedelta(hours=12)]).fetchall()
        stage.samples.add("B18 night", time.perf_counter() - began)
        stage.samples.add("B18 hours", float(rows[0][1] or 0))


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield how long each look took."""
    jobs = samples.get("B18 jobs")
    yield Figure("B18", "jobs in the history", jobs, "jobs")
    median_ = samples.get("B18 median")
    yield Figure("B18", f"why one was late, of {ASKED}, median", median_, "ms", 5, is_most=True)
    most = samples.get("B18 most")
    yield Figure("B18", "why one was late, at most", most, "ms", 200, is_most=True)
    yield Figure("B18", "hours waited in a night of 10,000 jobs", samples.get("B18 hours"), "h")
    yield Figure("B18", "what all of them waited for", samples.get("B18 night"), "s")


LATE_JOBS = Workload("B18", "why jobs were late", run, figures)
