"""One database and its model side by side: every act is done to both."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from support.clock import NOON, Clock
from support.model import RANKS, Job, Model, Schedule, Task
from support.verbs import Claimed, Verbs

LIMITS: dict[str, int | None] = {"default": None, "red": 1, "blue": 2}
SCHEDULES = {
    "parallel": (50, False, False),
    "serial": (50, True, False),
    "urgent": (10, False, False),
    "custom": (30, False, True),
}
BACKGROUNDERS = tuple(f"n:{number}" for number in range(1, 5))
RESET = """
delete from pgdispatch.job;
delete from pgdispatch.job_history;
delete from pgdispatch.occurrence;
delete from pgdispatch.task;
delete from pgdispatch.swept_job;
delete from pgdispatch.schedule;
delete from pgdispatch.site where name <> 'default';
update pgdispatch.site set max_running_jobs = null;
update pgdispatch.setting set value = 'history' where name = 'tie_break';
"""


class Disagreement(Exception):  # noqa: N818  # it is what the test is for
    """SQL did something else than the model."""


class World:
    """Does each act to the database and to the model, and compares what came of it."""

    def __init__(self, verbs: Verbs, clock: Clock) -> None:
        self.verbs = verbs
        self.clock = clock
        clock.set(NOON)
        verbs.run(RESET)
        for site, limit in LIMITS.items():
            if site != "default":
                verbs.site(site, limit)
        for name, (priority, is_serial, is_custom) in SCHEDULES.items():
            execution = "serial" if is_serial else "parallel"
            verbs.schedule(name, execution, priority=priority, is_custom=is_custom)
        self.model = Model(
            now=NOON,
            limits=dict(LIMITS),
            schedules={n: Schedule(n, *about) for n, about in SCHEDULES.items()},
        )

    def free(self) -> list[str]:
        """Return the backgrounders that run nothing."""
        busy = {job.backgrounder for job in self.model.running()}
        return [name for name in BACKGROUNDERS if name not in busy]

    def advance(self, seconds: float) -> None:
        """Move the time on."""
        self.clock.advance(seconds)
        self.model.now = self.clock.now

    def insert(
        self,
        *,
        type: str,  # noqa: A002  # the column's name
        site: str,
        datasource: str | None,
        schedule: str | None,
        priority: int | None,
        delay: int | None,
    ) -> None:
        """Insert a job directly."""
        not_before = None if delay is None else self.model.now + timedelta(seconds=delay)
        made = self.verbs.job(
            type, site=site, datasource=datasource, schedule=schedule,
            priority=priority, not_before=not_before,
        )  # fmt: skip
        named = self.model.schedules.get(schedule or "")
        usual = self.model.priority_of(type, named, None)
        self.model.insert(
            Job(
                id=made, type=type, site=site, datasource=datasource, schedule=named,
                is_serial=bool(named and named.is_serial), task=None, run_now=False,
                priority=usual if priority is None else priority, added_at=self.model.now,
                scheduled_at=None, not_before=not_before, usual_seconds=0,
            )
        )  # fmt: skip

    def add_task(
        self,
        *,
        type: str,  # noqa: A002  # the column's name
        site: str,
        datasource: str | None,
        schedule: str | None,
        runs: Sequence[tuple[int, int]],
    ) -> None:
        """Add a task with past runs: (hours ago, seconds)."""
        made = self.verbs.task(type, site=site, datasource=datasource, schedule=schedule)
        named = self.model.schedules.get(schedule or "")
        task = Task(
            id=made, type=type, site=site, datasource=datasource, schedule=named,
            priority=self.model.task_priority(type, named),
            created_at=self.model.now, enabled_at=self.model.now,
        )  # fmt: skip
        self.model.tasks[made] = task
        for hours, seconds in runs:
            ended_at = self.model.now - timedelta(hours=hours)
            task.runs.append((ended_at, seconds))
            self._remember(task, ended_at, seconds)

    def fire(self, schedule: str, at: datetime) -> None:
        """Create the jobs of one scheduled time."""
        tasks = self.model.tasks_to_fire(schedule, at)
        count = self.verbs.fire(schedule, at)
        made = self.verbs.rows(
            "select id, task from pgdispatch.job order by id desc limit %s", count
        )[::-1]
        compare("tasks fired", [row["task"] for row in made], [task.id for task in tasks])
        for row, task in zip(made, tasks, strict=True):
            self.model.insert(self.model.job_of(row["id"], task, at))

    def run_now(self, task: Task) -> None:
        """Start a task by hand, if it has no job."""
        if all(job.task is not task for job in self.model.jobs.values()):
            made = self.verbs.run_now(task.id)
            self.model.insert(self.model.job_of(made, task, None))

    def claim(self, backgrounder: str, types: Collection[str] | None) -> None:
        """Let a backgrounder claim; SQL has to choose what the model chooses."""
        expected = self.model.choose(types)
        chosen = self.verbs.claim(backgrounder, None if types is None else sorted(types))
        compare("claimed", chosen, expected and expected.id)
        if expected:
            self.model.start(expected, backgrounder)

    def end(self, job: Job, *, succeeded: bool, claim: bool) -> None:
        """Finish or fail a running job, and claim the next one with it."""
        act = self.verbs.finish if succeeded else self.verbs.fail
        got = act(job.id, claim)
        self.model.end(job, succeeded=succeeded)
        if not claim:
            compare("returned without a claim", got, None)
            return
        backgrounder = str(job.backgrounder)
        while got == Claimed("again", None, None):  # type: ignore[arg-type]  # no job with it
            got = self.verbs.ask(backgrounder)
        expected = self.model.choose()
        compare("claimed at the end of another", got and got.id, expected and expected.id)
        if expected:
            self.model.start(expected, backgrounder)

    def cancel(self, job: Job) -> None:
        """Cancel a job that waits or runs."""
        verdict = self.verbs.cancel(job.id)
        compare("cancel", verdict, "requested" if job.started_at else "cancelled")
        job.is_cancelled = True
        if not job.started_at:
            del self.model.jobs[job.id]

    def fill(self, random: Random, size: int) -> None:
        """Add many jobs at once, half of them by schedules."""
        types, sites, schedules = sorted(RANKS), sorted(LIMITS), sorted(SCHEDULES)
        for _ in range(size):
            where: dict[str, Any] = {
                "type": random.choice(types),
                "site": random.choice(sites),
                "datasource": random.choice([None, "a", "a", "b"]),
                "schedule": random.choice(schedules),
            }
            if random.random() < 0.5:
                runs = [(1, random.choice([1, 2, 60]))] * random.randrange(2)
                self.add_task(**where, runs=runs)
            else:
                priority = random.choice([None, 1, 50, 100])
                self.insert(**where, priority=priority, delay=None)
        for schedule in schedules:
            self.fire(schedule, self.model.now)

    def check_queue(self) -> None:
        """Compare the view with the model: the order, and who could start at once."""
        shown = self.verbs.rows(
            "select job, reason like 'next in line%%' as can_start from pgdispatch.queue"
        )
        waiting = self.model.waiting()
        compare("queue", [row["job"] for row in shown], [job.id for job in waiting])
        eligible = [self.model.is_eligible(job) for job in waiting]
        compare("who can start", [row["can_start"] for row in shown], eligible)

    def _remember(self, task: Task, ended_at: datetime, seconds: float) -> None:
        started_at = ended_at - timedelta(seconds=seconds)
        self.verbs.add(
            "job_history", id=0, attempt=1, type=task.type, site=task.site, task=task.id,
            priority=50, args="{}", created_by="past", inserted_by="past", created_at=started_at,
            run_now=False, is_serial=False, precedence=1, queued_at=started_at, type_rank=0,
            tie_first=0, tie_second=0, parked_gates=[], losses=0, started_at=started_at,
            ended_at=ended_at, outcome="succeeded",
        )  # fmt: skip


def compare(what: str, by_sql: object, by_model: object) -> None:
    """Raise Disagreement unless both are the same."""
    if by_sql != by_model:
        raise Disagreement(f"{what}: SQL {by_sql}, model {by_model}")
