"""The loop over simulated time: whatever comes next happens, then idle backgrounders ask."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from simulation.actors.building import Installation
from simulation.actors.nodes import Backgrounder, Node
from simulation.double.entities import Job, LinkedTask, Schedule
from simulation.engine import Engine
from simulation.timed_session import Refused
from simulation.violation import Violation

STALE = "JD003"
IDLE_SHARE = 0.7

Happening = Callable[..., None]


class Week:
    """What happens, and when. `skips` are the occurrences that have to be recorded as such."""

    def __init__(
        self, engine: Engine, made: Installation, random: Random, *, end: datetime
    ) -> None:
        self.engine = engine
        self.made = made
        self.random = random
        self.end = end
        self.occurrences: dict[tuple[int, datetime], str | None] = {}
        self.linked_runs: Counter[tuple[int, datetime | None, str | None]] = Counter()
        self._heap: list[tuple[datetime, int, Happening, tuple[Any, ...]]] = []
        self._number = 0
        engine.started = self._started
        engine.delayed = lambda at: self.at(at, lambda: None)

    @property
    def now(self) -> datetime:
        """The simulated time."""
        return self.engine.now

    def at(self, when: datetime, happening: Happening, *args: Any) -> None:
        """Let something happen at an instant."""
        self._number += 1
        heapq.heappush(self._heap, (when, self._number, happening, args))

    def after(self, seconds: float, happening: Happening, *args: Any) -> None:
        """Let something happen later."""
        self.at(self.now + timedelta(seconds=seconds), happening, *args)

    def run(self) -> None:
        """Run to the end."""
        self.set_clock()
        self._refills()
        while self._heap and self._heap[0][0] <= self.end:
            at, _, happening, args = heapq.heappop(self._heap)
            self.engine.session.at(max(at, self.now))
            happening(*args)
            self.ask()

    def pause(self, seconds: float) -> None:
        """Let nothing happen for a while: the database is away, and all comes right after."""
        until = self.now + timedelta(seconds=seconds)
        late = [entry for entry in self._heap if entry[0] < until]
        self._heap = [entry for entry in self._heap if entry[0] >= until]
        for _, _, happening, args in late:
            delay = timedelta(seconds=self.random.uniform(0, 3))
            self._heap.append((until + delay, self._next(), happening, args))
        heapq.heapify(self._heap)

    def ask(self) -> None:
        """Let idle backgrounders claim until there is nothing for them, node by node.

        Where there should be nothing, most do not ask: asking all the time might hide a stall.
        """
        nodes = [node for node in self.made.nodes if node.idle()]
        self.random.shuffle(nodes)
        asked = set()
        for node in nodes:
            if node.types in asked:
                continue
            asked.add(node.types)
            is_nothing = self.engine.queue.choose(node.types, self.now) is None
            if is_nothing and self.random.random() < IDLE_SHARE:
                continue
            alike = [b for n in nodes if n.types == node.types for b in n.idle()]
            self.random.shuffle(alike)
            while alike and self.engine.claim(alike.pop()):
                pass

    def set_clock(self) -> None:
        """Wake the clock when the next schedule is due, as a supervisor does, or a bit later."""
        due = [s.next_run_at for s in self.made.schedules if s.next_run_at]
        if due:
            lag = timedelta(seconds=self.random.uniform(0, 0.9))
            self.at(max(min(due), self.now) + lag, self.tick)

    def tick(self) -> None:
        """Fire all that is due; what is created has to be what the recurrences say."""
        due = [s for s in self.made.schedules if s.next_run_at and s.next_run_at <= self.now]
        if not due:
            return
        for schedule in sorted(due, key=lambda s: (s.next_run_at, s.id)):
            ((jobs, _),) = self.engine.session.rows("select * from pgdispatch.tick()")
            made = len(self.engine.collect(self._due_jobs(schedule)))
            self.engine.count["fired"] += 1
            if jobs != made:
                raise Violation("other rule", f"{schedule.name} made {made} jobs, said {jobs}")
            schedule.go_on(self.now)
        ((jobs, wait),) = self.engine.session.rows("select * from pgdispatch.tick()")
        windows = self.engine.queue.windows.values()
        edges = [closes for *_, closes in windows if closes > self.now]
        runs = [s.next_run_at for s in self.made.schedules if s.next_run_at]
        left = min([*runs, *edges], default=None)
        if jobs is not None or left is None or abs((left - self.now).total_seconds() - wait) > 1e-3:
            raise Violation("other rule", f"tick says {jobs}, {wait}; the next run is at {left}")
        self.set_clock()

    def _due_jobs(self, schedule: Schedule) -> list[Job]:
        runs = schedule.due(self.now)
        tasks = [
            task
            for task in self.made.tasks
            if task.schedule is schedule and task.enabled and not task.is_deleted
        ]
        jobs = []
        for task in tasks:
            why = "suspended" if task.is_suspended else "waiting" if task.is_waiting() else None
            for run in schedule.skipped(self.now):
                if run >= task.enabled_at:
                    self.occurrences.setdefault((task.id, run), "missed")
            for run in runs:
                if self.occurrences.get((task.id, run), "missed") == "missed":
                    self.occurrences[task.id, run] = why
                    if why is None:
                        jobs.append(self.engine.rules.scheduled(task, run, self.now))
        self.engine.count["missed, not served"] += self._unserved(schedule, runs) * len(tasks)
        for linked in self.made.linked_tasks:
            if linked.schedule is schedule and linked.enabled:
                jobs += self._due_steps(linked, runs)
        return jobs

    def _due_steps(self, linked: LinkedTask, runs: list[datetime]) -> list[Job]:
        jobs: list[Job] = []
        by = f"schedule {linked.schedule.name}" if linked.schedule else ""
        known = {(id_, run) for id_, run, _ in self.linked_runs}
        for run in linked.schedule.skipped(self.now) if linked.schedule else []:
            if run >= linked.enabled_at and (linked.id, run) not in known:
                self.linked_runs[linked.id, run, "missed"] += 1
        for run in runs:
            if any((linked.id, run, why) in self.linked_runs
                   for why in (None, "waiting", "suspended")):  # fmt: skip
                continue
            del self.linked_runs[linked.id, run, "missed"]
            job, why = None, "waiting"
            if linked.job is None and not jobs:
                job = self.engine.next_step(linked, 0, run_now=False, by=by, at=run)
                why = "suspended"
            if job:
                jobs.append(job)
            self.linked_runs[linked.id, run, None if job else why] += 1
        return jobs

    def _unserved(self, schedule: Schedule, runs: list[datetime]) -> int:
        since = schedule.next_run_at or self.now
        return sum(since <= run <= self.now for run in schedule.instants) - len(runs)

    def _started(self, backgrounder: Backgrounder, job: Job) -> None:
        """Draw how an attempt goes: how long it takes, and whether it fails or hangs."""
        task = job.task
        mean = task.seconds if task else 30.0
        seconds = max(mean * self.random.lognormvariate(0, 0.35), 1.0)
        rate = task.failure_rate if task else 0.02
        end: tuple[str, float] = ("succeeded", seconds)
        if self.random.random() < rate:
            end = (self.random.choice(["error", "error", "killed"]), seconds * self.random.random())
        elif self.random.random() < 0.003:
            end = ("succeeded", (job.timeout or 3600) * self.random.uniform(1, 3) + 1)
            job.is_deaf = self.random.random() < 0.3
        self.after(end[1] + 0.01, self.end_of, backgrounder, job, job.attempt, end[0])

    def end_of(self, backgrounder: Backgrounder, job: Job, attempt: int, how: str) -> None:
        """End an attempt, if its node still has it; what a lost one reports is refused."""
        node = backgrounder.node
        is_current = job.started_at is not None and job.attempt == attempt
        if node.state == "cut":
            node.unreported.append((job, attempt))
            return
        if node.state in ("silent", "down") or backgrounder.job is not job or not is_current:
            return
        claim = node.state == "up" and not backgrounder.is_surplus and self.random.random() < 0.9
        if how == "succeeded":
            self.engine.finish(backgrounder, job, claim=claim)
        else:
            self.engine.fail(backgrounder, job, how, claim=claim)
        self.tidy(node)

    def report_late(self, node: Node) -> None:
        """Report what ended while a node was cut off; stale attempts are refused."""
        for job, attempt in node.unreported:
            holder = next((b for b in node.backgrounders if b.job is job), None)
            if holder and job.started_at is not None and job.attempt == attempt:
                self.engine.finish(holder, job, claim=False)
                continue
            query = "select * from pgdispatch.finish(%s, %s)"
            said = self.engine.session.call(query, job.id, attempt)
            if not isinstance(said, Refused) or said.sqlstate != STALE:
                raise Violation("twice", f"stale attempt {attempt} was taken: {said}", job)
            self.engine.count["stale reports refused"] += 1
        node.unreported = []

    def tidy(self, node: Node) -> None:
        """Start and stop backgrounders as the size of a node says."""
        begun, gone = node.resize()
        for backgrounder in begun:
            query = "select pgdispatch.start_backgrounder(%s, 4711)"
            self.engine.session.rows(query, backgrounder.id)
        for backgrounder in gone:
            self.engine.session.rows("select pgdispatch.stop_backgrounder(%s)", backgrounder.id)

    def _refills(self) -> None:
        for site in self.made.sites:
            if site.seconds_limit is not None:
                self.at(site.day(self.now)[1], lambda: None)
        self.after(600, self._refills)

    def _next(self) -> int:
        self._number += 1
        return self._number
