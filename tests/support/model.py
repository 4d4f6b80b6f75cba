"""What should run next, computed in memory from semantics.md §3 to §5.4, without any SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf

RANKS = {
    "flow": 0,
    "alert": 1,
    "system": 2,
    "subscription": 3,
    "extract_creation": 4,
    "incremental_extract": 5,
    "full_extract": 6,
}
READS_SCHEDULE = ("alert", "subscription")
BATCH = 60
HISTORY = timedelta(hours=180)
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
Key = tuple[float, ...]


@dataclass
class Schedule:
    """A schedule as the model knows it."""

    name: str
    priority: int
    is_serial: bool = False
    is_custom: bool = False


@dataclass
class Task:
    """A task and the runs that make its historical run time: (ended at, seconds)."""

    id: int
    type: str
    site: str
    datasource: str | None
    schedule: Schedule | None
    priority: int | None
    created_at: datetime
    enabled_at: datetime
    enabled: bool = True
    history_since: datetime = LONG_AGO
    runs: list[tuple[datetime, float]] = field(default_factory=list)
    fired_at: set[datetime] = field(default_factory=set)

    def usual_seconds(self, now: datetime) -> float:
        """Return the mean over the recent successful runs; infinity without any."""
        recent = [
            seconds
            for ended_at, seconds in self.runs
            if ended_at > now - HISTORY
            and ended_at - timedelta(seconds=seconds) >= self.history_since
        ]
        return sum(recent) / len(recent) if recent else inf


@dataclass
class Job:
    """A job that waits (no start) or runs."""

    id: int
    type: str
    site: str
    datasource: str | None
    schedule: Schedule | None
    is_serial: bool
    task: Task | None
    priority: int
    run_now: bool
    added_at: datetime
    scheduled_at: datetime | None
    not_before: datetime | None
    usual_seconds: float
    started_at: datetime | None = None
    backgrounder: str | None = None
    is_cancelled: bool = False
    enabled_since: datetime = LONG_AGO

    def key(self, tie_break: str) -> Key:
        """Return the place in the order of §4."""
        first = 0 if self.run_now and self.type != "flow" else 1
        if self.scheduled_at is None:
            return (first, self.priority, self.added_at.timestamp(), -1, 0, 0, self.id)
        batch = self.scheduled_at.timestamp() // BATCH * BATCH
        since = self.enabled_since.timestamp()
        ties = (
            (self.usual_seconds, since) if tie_break == "history" else (since, self.usual_seconds)
        )
        return (first, self.priority, batch, RANKS[self.type], *ties, self.id)


@dataclass
class Model:
    """The whole queue in memory. `now` is set by the test."""

    now: datetime
    limits: dict[str, int | None]
    schedules: dict[str, Schedule]
    tasks: dict[int, Task] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    tie_break: str = "history"

    def running(self) -> list[Job]:
        """Return the jobs that run, by id."""
        return [job for _, job in sorted(self.jobs.items()) if job.started_at]

    def waiting(self) -> list[Job]:
        """Return the jobs that wait, in the order of dispatch."""
        waiting = [job for job in self.jobs.values() if not job.started_at]
        return sorted(waiting, key=lambda job: job.key(self.tie_break))

    def is_eligible(self, job: Job) -> bool:
        """Tell whether a waiting job may start now (§5.1 to §5.4)."""
        running = self.running()
        limit = self.limits[job.site]
        return not (
            (job.not_before is not None and job.not_before > self.now)
            or any(job.datasource and _same_data(job, other) for other in running)
            or any(job.is_serial and job.schedule is other.schedule for other in running)
            or (limit is not None and sum(o.site == job.site for o in running) >= limit)
        )

    def choose(self, types: Collection[str] | None = None) -> Job | None:
        """Return the job that is next for a backgrounder that takes `types` (null: all)."""
        takes = (job for job in self.waiting() if types is None or job.type in types)
        return next((job for job in takes if self.is_eligible(job)), None)

    def start(self, job: Job, backgrounder: str) -> None:
        """Start a job."""
        job.started_at, job.backgrounder = self.now, backgrounder

    def end(self, job: Job, *, succeeded: bool) -> None:
        """End a job; a success counts for its task's historical run time."""
        del self.jobs[job.id]
        if succeeded and job.task and job.started_at:
            seconds = (self.now - job.started_at).total_seconds()
            job.task.runs.append((self.now, seconds))

    def requeue(self, job: Job) -> None:
        """Take a running job back to its place; one whose cancellation was asked for ends."""
        job.started_at, job.backgrounder = None, None
        if job.is_cancelled:
            del self.jobs[job.id]

    def priority_of(self, type: str, schedule: Schedule | None, task: Task | None) -> int:  # noqa: A002  # as elsewhere
        """Return the priority of a new job that names none (§3)."""
        if type in READS_SCHEDULE:
            return 50 if schedule is None or schedule.is_custom else schedule.priority
        if task is not None:
            return task.priority or (0 if type == "flow" else 50)
        if type == "flow":
            return 0
        return 50 if schedule is None else schedule.priority

    def task_priority(self, type: str, schedule: Schedule | None) -> int | None:  # noqa: A002  # as elsewhere
        """Return the priority that a task gets when it is created or republished (§3.2)."""
        if type in READS_SCHEDULE:
            return None
        if schedule is not None:
            return schedule.priority
        return None if type == "flow" else 50

    def insert(self, job: Job) -> None:
        """Add a job to the queue."""
        self.jobs[job.id] = job

    def job_of(self, id: int, task: Task, scheduled_at: datetime | None) -> Job:  # noqa: A002  # as elsewhere
        """Return a new job of a task: for a scheduled time, or Run Now without one."""
        run_now = scheduled_at is None
        priority = self.priority_of(task.type, task.schedule, task)
        return Job(
            id=id,
            type=task.type,
            site=task.site,
            datasource=task.datasource,
            schedule=task.schedule,
            is_serial=bool(task.schedule and task.schedule.is_serial),
            task=task,
            priority=0 if run_now and task.type != "flow" else priority,
            run_now=run_now,
            added_at=self.now,
            scheduled_at=scheduled_at,
            not_before=None,
            usual_seconds=task.usual_seconds(self.now),
            enabled_since=max(task.created_at, task.enabled_at),
        )

    def tasks_to_fire(self, schedule: str, at: datetime) -> Sequence[Task]:
        """Return the tasks that get a job for a scheduled time, and note the time as dealt with."""
        due = [
            task
            for _, task in sorted(self.tasks.items())
            if task.schedule is self.schedules[schedule]
            and task.enabled
            and at not in task.fired_at
        ]
        for task in due:
            task.fired_at.add(at)
        return [task for task in due if all(job.task is not task for job in self.waiting())]

    def republish(self, site: str, datasource: str) -> int:
        """Start the tasks of a datasource afresh and return how many there are."""
        tasks = [t for t in self.tasks.values() if (t.site, t.datasource) == (site, datasource)]
        for task in tasks:
            task.priority = self.task_priority(task.type, task.schedule)
            task.created_at = task.history_since = self.now
        return len(tasks)


def _same_data(job: Job, other: Job) -> bool:
    return (job.site, job.datasource) == (other.site, other.datasource)
