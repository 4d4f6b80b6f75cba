"""The queue as it has to be: what waits in which order, what runs, what is next (§4, §5)."""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from simulation.double.entities import Job, Key
from simulation.double.rules import Rules
from simulation.violation import Violation


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that has ended; is_last: the job has ended with it; is_serial: at its start."""

    job: Job
    attempt: int
    backgrounder: str
    started_at: datetime
    ended_at: datetime
    is_last: bool
    is_serial: bool


class Queue:
    """All jobs, by id; the waiting ones sorted by the order of §4."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.jobs: dict[int, Job] = {}
        self.running: dict[int, Job] = {}
        self.attempts: list[Attempt] = []
        self.waiting: list[tuple[Key, Job]] = []
        self.delayed: dict[int, Job] = {}
        self._due: list[tuple[datetime, int]] = []
        self._busy_data: dict[tuple[str, str], Job] = {}
        self._busy_schedules: Counter[str] = Counter()
        self.windows: dict[str, tuple[str, str, datetime, datetime]] = {}
        self.pauses: dict[tuple[str, str], datetime | None] = {}  # scope and name: until when

    def add(self, job: Job, now: datetime) -> None:
        """Add a new job, which has its id."""
        self.jobs[job.id] = job
        if job.task:
            job.task.jobs[job.id] = job
        if job.linked_task:
            job.linked_task.job = job
        self._enqueue(job, now)

    def choose(self, types: Collection[str], now: datetime) -> Job | None:
        """Return the first eligible job for a node that takes these types."""
        self.wake(now)
        return next((job for job in self._of(types) if self.is_eligible(job, now)), None)

    def is_eligible(self, job: Job, now: datetime) -> bool:
        """Tell whether a waiting job whose time has come may start (§5.2 to §5.5)."""
        return self.has_room(job) and not job.site.is_full(now) and not self.is_paused(job, now)

    def is_paused(self, job: Job, now: datetime) -> bool:
        """Tell whether a pause or a closed window holds it."""
        schedule = job.schedule.name if job.schedule else ""
        scopes = (("all", ""), ("site", job.site.name), ("type", job.type), ("schedule", schedule))
        return any(
            scope in self.pauses and ((until := self.pauses[scope]) is None or until > now)
            for scope in scopes
        ) or any(
            (scope, name) in scopes and opens <= now < closes
            for scope, name, opens, closes in self.windows.values()
        )

    def has_room(self, job: Job) -> bool:
        """Tell whether its datasource and its serial schedule are free."""
        if job.datasource and (job.site.name, job.datasource) in self._busy_data:
            return False
        serial = job.schedule and job.schedule.is_serial
        return not (serial and job.schedule and self._busy_schedules[job.schedule.name])

    def unmet(self, types: Collection[str], now: datetime) -> Job | None:
        """Return a job that a spent budget should have cancelled, but did not."""
        return next(
            (
                job
                for job in self._of(types)
                if job.site.over_budget == "cancel"
                and job.site.is_spent(now)
                and not job.site.is_crowded()
                and self.has_room(job)
                and not self.is_paused(job, now)
            ),
            None,
        )

    def wake(self, now: datetime) -> None:
        """Turn delayed jobs whose time has come into waiting ones."""
        while self._due and self._due[0][0] <= now:
            job = self.delayed.pop(heapq.heappop(self._due)[1], None)
            if job:
                insort(self.waiting, (job.key, job))

    def start(self, job: Job, backgrounder: str, now: datetime) -> None:
        """Start a job; every gate is looked at once more."""
        if not self.is_eligible(job, now):
            raise Violation("gate exceeded", f"job {job.id} started though a gate is full", job)
        self._dequeue(job)
        job.started_at, job.backgrounder = now, backgrounder
        job.is_serial = bool(job.schedule and job.schedule.is_serial)
        job.attempt += 1
        job.tell(now, f"attempt {job.attempt} on {backgrounder}")
        self.running[job.id] = job
        job.site.running += 1
        if job.datasource:
            self._busy_data[job.site.name, job.datasource] = job
        if job.schedule:
            self._busy_schedules[job.schedule.name] += 1

    def stop(self, job: Job, now: datetime, *, is_last: bool) -> None:
        """End the running attempt of a job; it waits again unless it was its last."""
        assert job.started_at is not None
        assert job.backgrounder is not None
        del self.running[job.id]
        attempt = Attempt(
            job, job.attempt, job.backgrounder, job.started_at, now, is_last, job.is_serial
        )
        self.attempts.append(attempt)
        job.site.charge(job.started_at, now, is_final=is_last)
        job.site.running -= 1
        if job.datasource:
            del self._busy_data[job.site.name, job.datasource]
        if job.schedule:
            self._busy_schedules[job.schedule.name] -= 1
        job.last_start = (job.started_at, job.backgrounder)
        job.started_at = job.backgrounder = None
        if not is_last:
            job.last_start = (None, None)
            self._enqueue(job, now)

    def end(self, job: Job, now: datetime, outcome: str, failed_as: str | None = None) -> None:
        """Take a job out of the queue, be it waiting or running."""
        if job.started_at is not None:
            self.stop(job, now, is_last=True)
        else:
            self._dequeue(job)
        job.outcome, job.failed_as, job.ended_at = outcome, failed_as, now
        job.tell(now, f"{outcome} {failed_as or ''}")
        if job.task:
            job.task.jobs.pop(job.id, None)
        if job.linked_task and job.linked_task.job is job:
            job.linked_task.job = None

    def set_priority(self, job: Job, priority: int, now: datetime) -> None:
        """Give a waiting job another priority."""
        self._dequeue(job)
        job.priority = priority
        job.key = self.rules.key(job)
        job.tell(now, f"priority {priority}")
        self._enqueue(job, now)

    def reorder(self) -> None:
        """Compute all places anew: a setting has changed."""
        for job in (*self.running.values(), *self.delayed.values()):
            job.key = self.rules.key(job)
        jobs = [job for _, job in self.waiting]
        for job in jobs:
            job.key = self.rules.key(job)
        self.waiting = sorted((job.key, job) for job in jobs)

    def _of(self, types: Collection[str]) -> Iterator[Job]:
        return (job for _, job in self.waiting if job.type in types)

    def _enqueue(self, job: Job, now: datetime) -> None:
        if job.not_before is not None and job.not_before > now:
            self.delayed[job.id] = job
            heapq.heappush(self._due, (job.not_before, job.id))
        else:
            insort(self.waiting, (job.key, job))

    def _dequeue(self, job: Job) -> None:
        if self.delayed.pop(job.id, None) is None:
            place = bisect_left(self.waiting, (job.key, job))
            if self.waiting[place][1] is not job:
                raise Violation("other rule", f"job {job.id} does not wait", job)
            del self.waiting[place]
