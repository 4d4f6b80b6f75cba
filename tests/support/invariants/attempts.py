"""All jobs and attempts that a database knows, read once after a run, for the invariants."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import psycopg

from support.invariants import trail

EPOCH = "extract(epoch from {})::double precision"
JOB = """
select
    id, attempt, state, null, site, datasource, case when is_serial then schedule end,
    losses, null::jsonb, {started_at}, null, {asked_at}, backgrounder,
    precedence, priority, queued_at, type_rank, tie_first, tie_second, {not_before}
from pgdispatch.job
union all
select
    id, attempt, outcome, failed_as, site, datasource, case when is_serial then schedule end,
    losses, result, {started_at}, {ended_at}, {asked_at}, backgrounder,
    precedence, priority, queued_at, type_rank, tie_first, tie_second, {not_before}
from pgdispatch.job_history
""".format(
    **{name: EPOCH.format(name) for name in ("started_at", "ended_at", "asked_at", "not_before")}
)
TRAIL = f"""
select
    s.job, s.attempt, {EPOCH.format("s.asked_at")}, {EPOCH.format("s.at")},
    {EPOCH.format("e.at")}, e.what, {EPOCH.format("e.ready_at")}, s.backgrounder
from public.trail as s
left join public.trail as e on e.job = s.job and e.attempt = s.attempt and e.what <> 'start'
where s.what = 'start'
"""
Gate = tuple[str, ...]


@dataclass(frozen=True)
class JobRow:
    """A job as the queue or the history has it. `state`: that of the queue, or the outcome."""

    id: int
    attempt: int
    state: str
    failed_as: str | None
    gates: tuple[Gate, ...]
    losses: int
    result: Any
    key: tuple[Any, ...]
    ready_from: float

    @property
    def is_over(self) -> bool:
        """Whether it is in the history."""
        return self.state in ("succeeded", "failed", "cancelled")


@dataclass(frozen=True)
class Attempt:
    """From its start until its fence fell, in seconds since the epoch by the database's clock.

    `how` it ended: with its job (`end`), as a failure to be tried again (`retry`), or taken `back`.
    `ready_again`: when its job could start again, if it was one of the latter two.
    """

    job: int
    number: int
    asked_at: float
    started_at: float
    ended_at: float
    how: str | None
    ready_again: float | None
    backgrounder: str


@dataclass(frozen=True)
class Records:
    """What a database holds; a job that it holds twice is listed twice."""

    jobs: list[JobRow]
    attempts: list[Attempt]
    limits: dict[Gate, int]

    def by_id(self) -> dict[int, JobRow]:
        """Return the jobs by their ids."""
        return {job.id: job for job in self.jobs}

    def taken(self) -> set[tuple[int, int]]:
        """Return the attempts that ended as they themselves said, not by the fall of a fence."""
        last = {
            (job.id, job.attempt)
            for job in self.jobs
            if job.state == "succeeded" or job.failed_as == "error"
        }
        return last | {(one.job, one.number) for one in self.attempts if one.how == "retry"}


def load(connection: psycopg.Connection[Any]) -> Records:
    """Read everything. Without a trail only the last attempt of each job is known."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read")
        limits: dict[Gate, int] = {
            ("site", name): limit
            for name, limit in connection.execute(
                "select name, running_limit from pgdispatch.site where running_limit is not null"
            )
        }
        rows = connection.execute(JOB).fetchall()
        jobs = [_job(row, limits) for row in rows]
        if trail.is_laid(connection):
            attempts = [_attempt(row) for row in connection.execute(TRAIL)]
        else:
            attempts = [
                Attempt(row[0], row[1], row[11], row[9], row[10] or inf, None, None, row[12])
                for row in rows
                if row[9] is not None
            ]
    return Records(jobs, attempts, limits)


def _job(row: Any, limits: dict[Gate, int]) -> JobRow:
    id_, attempt, state, failed_as, site, datasource, serial, losses, result = row[:9]
    gates: list[Gate] = [("site", site)] if ("site", site) in limits else []
    if datasource is not None:
        gates.append(("datasource", site, datasource))
    if serial is not None:
        gates.append(("serial schedule", serial))
    return JobRow(
        id_, attempt, state, failed_as, tuple(gates), losses, result, (*row[13:19], id_),
        -inf if row[19] is None else row[19],
    )  # fmt: skip


def _attempt(row: Any) -> Attempt:
    job, number, asked_at, started_at, ended_at, how, ready_again, backgrounder = row
    return Attempt(
        job, number, asked_at, started_at, inf if ended_at is None else ended_at, how, ready_again,
        backgrounder,
    )  # fmt: skip
