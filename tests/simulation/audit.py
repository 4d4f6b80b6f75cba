"""Compares whole tables with what has to be in them, at the end of each day and of the week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from math import inf
from typing import Any

from simulation.double.entities import Job
from simulation.week import Week

ENDED = """
select id, attempt, outcome, failed_as, priority, failures, losses, started_at, backgrounder,
    ended_at
from pgdispatch.job_history
"""
QUEUED = """
select id, attempt, state = 'running', priority, failures, losses, backgrounder, not_before
from pgdispatch.job
"""
IN_ORDER = """
select id
from pgdispatch.job
where backgrounder is null
    and (not_before is null or not_before <= pgdispatch.now())
order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
"""
SCHEDULES = "select name, next_run_at, last_error from pgdispatch.schedule"
OCCURRENCES = "select task, scheduled_at, skipped_for from pgdispatch.occurrence"
LINKED_RUNS = "select linked_task, scheduled_at, skipped_for from pgdispatch.linked_run"
SPENT = "select name, pgdispatch.spent_seconds(s) from pgdispatch.site as s"

Problem = tuple[str, str, Job | None]


class Audit:
    """Looks at a week's tables; each problem is a kind, a text, and the job if there is one."""

    def __init__(self, week: Week) -> None:
        self.week = week
        self.engine = week.engine
        self.rows = week.engine.session.rows

    def of_day(self) -> Iterator[Problem]:
        """Check the queue, its order, suspensions, schedules and budgets as they are now."""
        yield from self._queued()
        yield from self._schedules()
        suspended = {row[0] for row in self.rows("select task from pgdispatch.suspension")}
        right = {t.id for t in self.week.made.tasks if t.is_suspended and not t.is_deleted}
        if suspended != right:
            yield "other rule", f"suspended: {suspended ^ right} differ", None
        for name, spent in self.rows(SPENT):
            site = next(site for site in self.week.made.sites if site.name == name)
            known = None if site.seconds_limit is None else site.spent(self.week.now)
            if (spent is None) != (known is None) or abs((spent or 0) - (known or 0)) > 0.01:
                yield "other rule", f"site {name} has spent {spent}, not {known}", None
        if swept := self.rows("select * from pgdispatch.swept_job"):
            yield "swept", f"swept jobs: {swept}", None

    def of_week(self) -> Iterator[Problem]:
        """Check all that has been: each job, each scheduled time, each gate."""
        yield from self.of_day()
        yield from self._ended()
        yield from self._occurrences()
        found = Counter(self.rows(LINKED_RUNS))
        for run in (found - self.week.linked_runs) + (self.week.linked_runs - found):
            yield "other rule", f"linked run {run}: {found[run]} times", None
        yield from self._gates()
        yield from self._steps()

    def _queued(self) -> Iterator[Problem]:
        queue = self.engine.queue
        queue.wake(self.week.now)
        alive = {job.id: job for job in queue.jobs.values() if job.outcome is None}
        for id_, *real in self.rows(QUEUED):
            job = alive.pop(id_, None)
            if job is None:
                yield "twice", f"job {id_} is in the queue: {real}", queue.jobs.get(id_)
                continue
            right = [job.attempt, job.started_at is not None, job.priority, job.failures,
                     job.losses, job.backgrounder, job.not_before]  # fmt: skip
            if real != right:
                yield "other rule", f"job {id_} is {real}, should be {right}", job
        for job in alive.values():
            yield "missing", f"job {job.id} has gone", job
        order = [row[0] for row in self.rows(IN_ORDER)]
        if order != [job.id for _, job in queue.waiting]:
            yield "out of order", "the queue is in another order than it should be", None

    def _schedules(self) -> Iterator[Problem]:
        right = {s.name: (s.next_run_at, None) for s in self.week.made.schedules}
        for name, *real in self.rows(SCHEDULES):
            if tuple(real) != right[name]:
                yield "other rule", f"{name} is next due {real}, should be {right[name]}", None

    def _ended(self) -> Iterator[Problem]:
        jobs = {j.id: j for j in self.engine.queue.jobs.values() if j.outcome}
        for id_, *real in self.rows(ENDED):
            job = jobs.pop(id_, None)
            if job is None:
                known = self.engine.queue.jobs.get(id_)
                yield "twice", f"job {id_} has ended once more: {real}", known
                continue
            right = [job.attempt, job.outcome, job.failed_as, job.priority, job.failures,
                     job.losses, *job.last_start, job.ended_at]  # fmt: skip
            if real != right:
                yield "other rule", f"job {id_} ended as {real}, should be {right}", job
        for job in jobs.values():
            yield "missing", f"job {job.id} is not in the history", job

    def _occurrences(self) -> Iterator[Problem]:
        right = dict(self.week.occurrences)
        for task, at, why in self.rows(OCCURRENCES):
            if (task, at) not in right:
                yield "twice", f"task {task} was not due at {at}", None
            elif (expected := right.pop((task, at))) != why:
                yield "other rule", f"task {task} at {at}: {why}, should be {expected}", None
        for task, at in right:
            yield "missing", f"task {task} was due at {at}", None

    def _gates(self) -> Iterator[Problem]:
        """Go through all attempts in the order of their starts, by their recorded times alone."""
        data: dict[Any, datetime] = {}
        slots: dict[str, datetime] = {}
        schedules: dict[str, list[tuple[datetime, Job]]] = {}
        sites: dict[str, list[datetime]] = {}
        for start, end, backgrounder, job, is_serial in sorted(
            self._intervals(), key=lambda i: i[:3]
        ):
            place = (job.site.name, job.datasource)
            if job.datasource and data.get(place, start) > start:
                yield "gate exceeded", f"job {job.id}: its datasource was busy", job
            if slots.get(backgrounder, start) > start:
                yield "gate exceeded", f"job {job.id}: {backgrounder} was busy", job
            data[place] = max(end, data.get(place, end))
            slots[backgrounder] = end
            if job.schedule:
                busy = [i for i in schedules.get(job.schedule.name, []) if i[0] > start]
                if is_serial and busy:
                    yield "gate exceeded", f"job {job.id}: its schedule was busy", job
                schedules[job.schedule.name] = [*busy, (end, job)]
            ends = [other for other in sites.get(job.site.name, []) if other > start]
            limit = next((v for at, v in reversed(job.site.limits) if at <= start), None)
            if len(ends) >= (inf if limit is None else limit):
                yield "gate exceeded", f"job {job.id}: its site was at its limit", job
            sites[job.site.name] = [*ends, end]

    def _intervals(self) -> Iterator[tuple[datetime, datetime, str, Job, bool]]:
        """Yield attempts that were not the last as noted, last ones as the history has them.

        With each whether its schedule was serial when it started.
        """
        jobs = self.engine.queue.jobs
        for attempt in self.engine.queue.attempts:
            if not attempt.is_last:
                yield (
                    attempt.started_at, attempt.ended_at, attempt.backgrounder, attempt.job,
                    attempt.is_serial,
                )  # fmt: skip
        query = (
            "select id, started_at, ended_at, backgrounder, is_serial from pgdispatch.job_history "
            "where started_at is not null"
        )
        for id_, start, end, backgrounder, is_serial in self.rows(query):
            if id_ in jobs:
                yield start, end, backgrounder, jobs[id_], is_serial
        query = (
            "select id, started_at, backgrounder, is_serial from pgdispatch.job "
            "where state = 'running'"
        )
        for id_, start, backgrounder, is_serial in self.rows(query):
            if id_ in jobs:
                yield start, self.week.now + timedelta(1), backgrounder, jobs[id_], is_serial

    def _steps(self) -> Iterator[Problem]:
        """Look at the jobs of each run of a linked task: in sequence, each step once."""
        runs: dict[int, list[Job]] = {}
        for _, job in sorted(self.engine.queue.jobs.items()):
            if job.linked_run is not None:
                runs.setdefault(job.linked_run, []).append(job)
        self.engine.count["linked runs"] = len(runs)
        for run, jobs in runs.items():
            steps = [job.step or 0 for job in jobs]
            if steps != sorted(set(steps)):
                yield "twice", f"run {run} had steps {steps}", jobs[0]
            for job, later in pairwise(jobs):
                stops = {step: stop for step, _, stop in job.linked_task.steps}  # type: ignore[union-attr]  # it has one
                may_go_on = job.outcome == "succeeded" or (
                    job.outcome == "failed" and not stops[job.step or 0]
                )
                if not may_go_on or job.ended_at != later.created_at:
                    yield "other rule", f"run {run}: step {later.step} should not follow", later
