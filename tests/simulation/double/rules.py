"""What a new job has to look like: semantics §2, §3, §4 and §7, without any SQL."""

from __future__ import annotations

from datetime import datetime
from math import inf

from simulation.double.entities import Job, Key, LinkedTask, Schedule, Site, Task

RANKS = {
    "flow": 0,
    "alert": 1,
    "system": 2,
    "subscription": 3,
    "extract_creation": 4,
    "incremental_extract": 5,
    "full_extract": 6,
}
TIMEOUTS: dict[str, float | None] = dict.fromkeys(RANKS, 7200.0) | {
    "flow": 14400,
    "system": None,
}
READS_SCHEDULE = ("alert", "subscription")
BATCH = 60
LAST = BATCH - 1e-6  # the last instant of a batch


class Rules:
    """The rules, with the settings that people change: `tie_break` and the sites' timeouts."""

    def __init__(self) -> None:
        self.tie_break = "history"
        self.site_timeouts: dict[tuple[str, str], float | None] = {}

    def key(self, job: Job) -> Key:
        """Return a job's place in the order of §4."""
        first = 0 if job.run_now and job.type != "flow" else 1
        if job.scheduled_at is None:
            return (first, job.priority, job.created_at.timestamp(), -1, 0, 0, job.id)
        late = (job.created_at - job.scheduled_at).total_seconds() > BATCH
        time = job.created_at if late else job.scheduled_at
        batch = time.timestamp() // BATCH * BATCH + late * LAST
        ties = (job.usual_seconds, job.since.timestamp())
        ties = ties if self.tie_break == "history" else (ties[1], ties[0])
        return (first, job.priority, batch, RANKS[job.type], *ties, job.id)

    def timeout(self, type_: str, site: Site, own: float | None) -> float | None:
        """Return how long a job may run: as it, else its site, else its type says (§7)."""
        if own is not None:
            return own
        return self.site_timeouts.get((site.name, type_), TIMEOUTS[type_])

    def scheduled(self, task: Task, at: datetime, now: datetime) -> Job:
        """Return the job of a task for a scheduled time."""
        schedule = task.schedule
        assert schedule is not None
        job = self._of(task, now, f"schedule {schedule.name}")
        job.scheduled_at, job.priority = at, own_priority(task)
        return job

    def by_hand(self, task: Task, now: datetime, by: str) -> Job:
        """Return the job of Run Now."""
        job = self._of(task, now, by)
        job.run_now, job.priority = True, own_priority(task) if task.type == "flow" else 0
        return job

    def of_step(
        self,
        linked: LinkedTask,
        step: tuple[int, Task],
        now: datetime,
        *,
        at: datetime | None,
        run_now: bool,
        by: str,
    ) -> Job:
        """Return the job of a step of a linked task; `at` is the scheduled time of the first."""
        job = self._of(step[1], now, by)
        job.linked_task, job.step = linked, step[0]
        job.schedule, job.is_serial = linked.schedule, False
        job.priority, job.run_now, job.scheduled_at = linked.priority or 0, run_now, at
        return job

    def one_off(
        self, title: str, type_: str, site: Site, now: datetime, *, priority: int | None
    ) -> Job:
        """Return a job inserted without a task."""
        usual = 0 if type_ == "flow" else 50
        return Job(
            title, type_, site, None, None, False, None, priority or usual, False, now, None,
            inf, now, self.timeout(type_, site, None), 1, "simulation",
        )  # fmt: skip

    def _of(self, task: Task, now: datetime, by: str) -> Job:
        return Job(
            title=task.title,
            type=task.type,
            site=task.site,
            datasource=task.datasource,
            schedule=task.schedule,
            is_serial=bool(task.schedule and task.schedule.is_serial),
            task=task,
            priority=0,
            run_now=False,
            created_at=now,
            scheduled_at=None,
            usual_seconds=task.usual_seconds(now),
            since=max(task.created_at, task.enabled_at),
            timeout=self.timeout(task.type, task.site, task.timeout),
            max_attempts=task.max_attempts or 1,
            created_by=by,
        )


def task_priority(type_: str, schedule: Schedule | None) -> int | None:
    """Return what a task gets when it is created or republished (§3.2)."""
    if type_ in READS_SCHEDULE:
        return None
    if schedule is not None:
        return schedule.priority
    return None if type_ == "flow" else 50


def own_priority(task: Task) -> int:
    """Return the priority of a task's jobs unless they are started by hand (§3)."""
    schedule = task.schedule
    if task.type in READS_SCHEDULE:
        return 50 if schedule is None or schedule.is_custom else schedule.priority
    return task.priority or (0 if task.type == "flow" else 50)
