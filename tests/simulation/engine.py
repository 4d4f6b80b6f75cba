"""Each verb is called in the database and done in memory; the two have to agree every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from simulation.actors.nodes import Backgrounder
from simulation.double.entities import Job, LinkedTask, Site
from simulation.double.queue import Queue
from simulation.double.rules import Rules
from simulation.intake import Intake
from simulation.timed_session import Session
from simulation.violation import Violation

CLAIM = "select verdict, id, attempt from pgdispatch.claim(%s, null)"
FINISH = "select verdict, id, attempt from pgdispatch.finish(%s, %s, null, null, %s)"
FAIL = "select verdict, id, attempt from pgdispatch.fail(%s, %s, %s, %s, null, %s)"
MOST_FAILURES = 5
MOST_LOSSES = 3

Verdict = tuple[Any, ...] | None


class Engine:
    """The database and its double. `started` is told of each job that begins."""

    def __init__(self, session: Session, sites: list[Site], rules: Rules) -> None:
        self.session = session
        self.sites = sites
        self.rules = rules
        self.queue = Queue(rules)
        self.count: Counter[str] = Counter()
        self.started: Callable[[Backgrounder, Job], None] = lambda _b, _j: None
        self.delayed: Callable[[datetime], None] = lambda _at: None
        self._intake = Intake(session, rules, self.queue)

    @property
    def now(self) -> datetime:
        """The simulated time."""
        return self.session.now

    def claim(self, backgrounder: Backgrounder) -> bool:
        """Let an idle backgrounder ask for work; return whether it got any."""
        rows = self.session.rows(CLAIM, backgrounder.id)
        return self._answer(backgrounder, rows[0] if rows else None)

    def finish(self, backgrounder: Backgrounder, job: Job, *, claim: bool) -> None:
        """End a job as succeeded."""
        rows = self.session.rows(FINISH, job.id, job.attempt, claim)
        started_at = job.started_at
        self.queue.end(job, self.now, "succeeded")
        backgrounder.job = None
        assert started_at is not None
        self.go_on(job, "succeeded")
        if job.task:
            micros = (self.now - started_at) // timedelta(microseconds=1)
            job.task.runs.append((self.now, started_at, micros))
            job.task.start_afresh()
        if claim:
            self._answer(backgrounder, rows[0] if rows else None)

    def fail(self, backgrounder: Backgrounder, job: Job, failed_as: str, *, claim: bool) -> None:
        """End an attempt as failed; the job is tried again if it may be."""
        rows = self.session.rows(FAIL, job.id, job.attempt, "it went wrong", failed_as, claim)
        backgrounder.job = None
        if job.cancel_asked_at:
            self.queue.end(job, self.now, "cancelled")
            self.go_on(job, "cancelled")
        elif job.failures + 1 < job.max_attempts:
            self._retry(job)
        else:
            job.failures += 1
            self.queue.end(job, self.now, "failed", failed_as)
            self.go_on(job, "failed")
            self._suspend(job)
        if claim:
            self._answer(backgrounder, rows[0] if rows else None)

    def lose(self, job: Job, *, is_loss: bool) -> None:
        """Do in memory what becomes of a job whose node was lost, or that was given back."""
        if job.cancel_asked_at:
            self.queue.end(job, self.now, "cancelled")
            self.go_on(job, "cancelled")
        elif is_loss and job.losses + 1 >= MOST_LOSSES:
            job.losses += 1
            self.queue.end(job, self.now, "failed", "lost")
            self.go_on(job, "failed")
        else:
            job.losses += is_loss
            job.tell(self.now, "lost" if is_loss else "given back")
            self.queue.stop(job, self.now, is_last=False)
        self.count["lost" if is_loss else "given back"] += 1

    def go_on(self, job: Job, outcome: str) -> None:
        """Expect the next step of a linked task, if its rules say that there is one."""
        linked, step = job.linked_task, job.step
        if linked is None or step is None:
            return
        stops = {number: stop for number, _, stop in linked.steps}
        expected = None
        if outcome == "succeeded" or (outcome == "failed" and not stops[step]):
            expected = self.next_step(linked, step, run_now=job.run_now, by=job.created_by)
        self.collect([expected] if expected else [], run=job.linked_run)

    def next_step(
        self,
        linked: LinkedTask,
        after: int,
        *,
        run_now: bool,
        by: str,
        at: datetime | None = None,
    ) -> Job | None:
        """Return the job of the first step after one that can run; None: the run is over."""
        for number, task, stops in linked.steps:
            if number <= after:
                continue
            if task.enabled and not task.is_suspended:
                return self.rules.of_step(
                    linked, (number, task), self.now, at=at, run_now=run_now, by=by
                )
            if stops:
                break
        return None

    def collect(self, expected: list[Job], *, run: int | None = None) -> list[Job]:
        """Take in the jobs that are new in the database: exactly those that are expected."""
        found = self._intake.collect(expected, run=run)
        self.count["created"] += len(found)
        return found

    def _answer(self, backgrounder: Backgrounder, verdict: Verdict) -> bool:
        for _ in range(1000):
            if verdict is None or verdict[0] != "again":
                break
            self.count["again"] += 1
            rows = self.session.rows(CLAIM, backgrounder.id)
            verdict = rows[0] if rows else None
        self.count["claims"] += 1
        types = backgrounder.node.types
        self._over_budget()
        expected = self.queue.choose(types, self.now)
        if verdict is None:
            self._check_nothing(backgrounder, expected)
            return False
        job = self.queue.jobs.get(verdict[1])
        if job is not expected or job is None or verdict[2] != job.attempt + 1:
            raise Violation("out of order", f"{backgrounder.id} got {verdict}, next was "
                            f"{expected.id if expected else None}", job, expected)  # fmt: skip
        self.queue.start(job, backgrounder.id, self.now)
        backgrounder.job = job
        self.count["starts"] += 1
        self.started(backgrounder, job)
        return True

    def _check_nothing(self, backgrounder: Backgrounder, expected: Job | None) -> None:
        if expected:
            text = f"{backgrounder.id} got nothing, next was {expected.id}"
            raise Violation("stalled", text, expected)
        unmet = self.queue.unmet(backgrounder.node.types, self.now)
        if unmet:
            text = f"job {unmet.id} still waits though its site's budget is spent"
            raise Violation("other rule", text, unmet)

    def _over_budget(self) -> None:
        """Take in the jobs that a claim has cancelled because their site's budget is spent."""
        for site in self.sites:
            if site.over_budget != "cancel" or not site.is_spent(self.now):
                continue
            rows = self.session.rows(
                "select id, cancel_reason from pgdispatch.job_history "
                "where ended_at = pgdispatch.now() and cancelled_by = 'pgdispatch' and site = %s",
                site.name,
            )
            for id_, reason in rows:
                job = self.queue.jobs[id_]
                if job.outcome is None:
                    refill = site.day(self.now)[1].astimezone(ZoneInfo(site.zone))
                    told = f"{refill:%Y-%m-%d %H:%M} {site.zone}"
                    if reason != f"site budget spent (refill {told})":
                        raise Violation("other rule", f"job {id_} cancelled for: {reason}", job)
                    self.queue.end(job, self.now, "cancelled", None)
                    self.count["over budget, cancelled"] += 1

    def _retry(self, job: Job) -> None:
        query = "select not_before, failures, attempt from pgdispatch.job where id = %s"
        ((not_before, failures, attempt),) = self.session.rows(query, job.id)
        longest = timedelta(seconds=min(3600, 30 * 2**job.failures))
        job.failures += 1
        if not (
            self.now <= not_before <= self.now + longest
            and (failures, attempt) == (job.failures, job.attempt)
        ):
            raise Violation("other rule", f"job {job.id} is retried at {not_before}", job)
        job.not_before = not_before.astimezone(UTC)
        job.tell(self.now, f"failed, again at {job.not_before:%H:%M:%S}")
        self.queue.stop(job, self.now, is_last=False)
        self.delayed(job.not_before)
        self.count["retries"] += 1

    def _suspend(self, job: Job) -> None:
        task = job.task
        if task is None or task.is_deleted:
            return
        task.streak += 1
        if task.streak >= MOST_FAILURES and not task.is_suspended:
            task.is_suspended = True
            self.count["suspensions"] += 1
