"""What should run next, computed in memory from semantics.md, without any SQL.

Here: the queue, who may start, and what the end of a job brings about. How jobs come to be is in
`creation`; each noun has a module of its name.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from support.model.creation import create_step
from support.model.jobs import Job, Task
from support.model.linked_tasks import LinkedTask
from support.model.nodes import Node
from support.model.schedules import Schedule
from support.model.sites import Site

MAX_LOSSES = 2
RETRY_BASE, RETRY_MAX = timedelta(seconds=30), timedelta(seconds=3600)


@dataclass
class Model:
    """The whole installation in memory. `now` is set by the test."""

    now: datetime
    sites: dict[str, Site]
    schedules: dict[str, Schedule]
    nodes: dict[str, Node]
    tasks: dict[int, Task] = field(default_factory=dict)
    deleted: list[Task] = field(default_factory=list)
    linked_tasks: dict[int, LinkedTask] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    ended: dict[int, str] = field(default_factory=dict)
    timeouts: dict[tuple[str, str], timedelta | None] = field(default_factory=dict)
    tie_break: str = "history"
    suspend_after: int = 5
    default_running: int = -1
    default_seconds: int = -1
    pauses: dict[tuple[str, str | None], datetime | None] = field(default_factory=dict)
    next_job: int = 1

    def running(self) -> list[Job]:
        """Return the jobs that run, by id."""
        return [job for _, job in sorted(self.jobs.items()) if job.started_at]

    def waiting(self) -> list[Job]:
        """Return the jobs that wait, in the order of dispatch."""
        waiting = [job for job in self.jobs.values() if not job.started_at]
        return sorted(waiting, key=lambda job: job.key(self.tie_break))

    def change_site(self, site: Site, **columns: Any) -> None:
        """Change a site, if only because the defaults of all have changed."""
        site.change(self.now, running=self.default_running, seconds=self.default_seconds, **columns)

    def pauses_of(self, job: Job) -> list[tuple[str, str | None]]:
        """Return the pauses that keep a waiting job from its start (§10)."""
        of_job = [
            ("all", None), ("site", job.site.name), ("type", job.type),
            ("schedule", job.schedule and job.schedule.name),
        ]  # fmt: skip
        return [
            which
            for which, until in self.pauses.items()
            if which in of_job and (until is None or until > self.now)
        ]

    def is_early(self, job: Job) -> bool:
        """Tell whether the time of a job has not come (§5.1)."""
        return job.not_before is not None and job.not_before > self.now

    def busy_data(self, job: Job) -> Job | None:
        """Return the running job that has the datasource of a waiting one (§5.2)."""
        return next((other for other in self.running() if job.has_data_of(other)), None)

    def busy_schedule(self, job: Job) -> list[Job]:
        """Return the running jobs of the serial schedule of a waiting one (§5.3)."""
        same = [other for other in self.running() if other.schedule is job.schedule]
        return same if job.schedule and job.schedule.is_serial else []

    def running_of(self, site: Site) -> int:
        """Return how many jobs of a site run."""
        return sum(job.site is site for job in self.running())

    def is_held_by_site_alone(self, job: Job) -> bool:
        """Tell whether nothing but its site can keep a waiting job from its start."""
        return not (
            self.is_early(job)
            or self.busy_data(job)
            or self.busy_schedule(job)
            or self.pauses_of(job)
        )

    def is_eligible(self, job: Job) -> bool:
        """Tell whether a waiting job may start now, if somebody asks who takes its type (§5)."""
        return self.is_held_by_site_alone(job) and not job.site.is_full(
            self.now, self.running_of(job.site)
        )

    def choose(self, node: str, types: Collection[str] | None = None) -> Job | None:
        """Return the job that is next for a backgrounder of a node that asks for `types`.

        On the way to it, jobs whose site has spent its budget are cancelled if the site says so.
        """
        taken = [job for job in self.waiting() if self.nodes[node].accepts(job.type, types)]
        for job in taken:
            if self.is_eligible(job):
                return job
            if (
                self.is_held_by_site_alone(job)
                and not job.site.is_crowded(self.running_of(job.site))
                and job.site.is_spent(self.now)
                and job.site.over_budget == "cancel"
            ):
                self.archive(job, "cancelled")
        return None

    def start(self, job: Job, backgrounder: str) -> None:
        """Start a job; whether its schedule is serial now is laid down."""
        job.is_serial = bool(job.schedule and job.schedule.is_serial)
        job.started_at, job.backgrounder = self.now, backgrounder

    def end(self, job: Job, *, succeeded: bool) -> None:
        """End a running attempt: history, or another attempt later.

        Whether its task is suspended is settled before the next step of a linked task begins.
        """
        self._charge(job)
        if succeeded:
            if job.task:
                job.task.forgive()
                job.task.runs.append((self.now, self._ran_for(job)))
            self.archive(job, "succeeded")
        elif job.is_cancelled:
            self.archive(job, "cancelled")
        elif job.failures + 1 < job.max_attempts:
            job.failures += 1
            job.stop()
        else:
            job.failures += 1
            if job.task and job.task.id in self.tasks:
                job.task.fail(self.suspend_after)
            self.archive(job, "failed")

    def longest_delay(self, job: Job) -> timedelta:
        """Return how long the retry that a job has just got may wait at most."""
        return min(RETRY_MAX, RETRY_BASE * int(2 ** (job.failures - 1)))

    def requeue(self, job: Job, *, is_loss: bool = False) -> None:
        """Take a running job back to its place, unless it was cancelled or lost too often."""
        self._charge(job)
        if job.is_cancelled:
            self.archive(job, "cancelled")
            return
        job.losses += is_loss
        if is_loss and job.losses >= MAX_LOSSES:
            self.archive(job, "lost")
        else:
            job.stop()

    def archive(self, job: Job, outcome: str) -> None:
        """Take a job out of the queue, and begin the step after it, if it is one."""
        del self.jobs[job.id]
        self.ended[job.id] = outcome
        if job.started_at:
            job.site.past.append((job.started_at, self.now))
        if job.run and job.run.linked_task.goes_on(
            job.step or 0, "failed" if outcome == "lost" else outcome
        ):
            create_step(self, job.run, after=job.step or 0)

    def _charge(self, job: Job) -> None:
        if job.started_at:
            job.site.charge(job.started_at, self.now)

    def _ran_for(self, job: Job) -> float:
        return (self.now - job.started_at).total_seconds() if job.started_at else 0
