"""Sites, schedules, tasks, linked tasks and jobs, as the checker knows them."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from math import inf
from zoneinfo import ZoneInfo

from simulation.double.recurrences import Recurrence
from support.sessions.local_times import first_instant

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
HISTORY = timedelta(hours=48)  # a setting; shorter than the week, so that runs grow too old
MISSED = timedelta(seconds=60)
Key = tuple[float, ...]


@dataclass(slots=True)
class Site:
    """A site, how many of its jobs run, and what it has spent: (started at, seconds, ended job)."""

    name: str
    max_running_jobs: int | None = None
    daily_seconds: int | None = None
    refill_at: time = time(0)
    zone: str = "UTC"
    over_budget: str = "defer"
    run_now_enabled: bool = True
    default_running_jobs: int = -1
    running: int = 0
    charges: list[tuple[datetime, float, bool]] = field(default_factory=list)
    limits: list[tuple[datetime, int | None]] = field(default_factory=list)
    _day: tuple[datetime, datetime] = (LONG_AGO, LONG_AGO)
    _spent: float | None = None

    @property
    def running_limit(self) -> int | None:
        """How many jobs may run at once; None: any number."""
        limit = self.max_running_jobs
        limit = self.default_running_jobs if limit is None else limit
        return None if limit < 0 else limit

    @property
    def seconds_limit(self) -> int | None:
        """The day's budget; None: none."""
        return None if self.daily_seconds is None or self.daily_seconds < 0 else self.daily_seconds

    def day(self, now: datetime) -> tuple[datetime, datetime]:
        """Return the last and the next refill."""
        if not self._day[0] <= now < self._day[1]:
            today = now.astimezone(ZoneInfo(self.zone)).date()
            days = [datetime.combine(today + timedelta(n), self.refill_at) for n in range(-2, 3)]
            refills = [datetime.fromtimestamp(first_instant(at, self.zone), UTC) for at in days]
            later = bisect_right(refills, now)
            self._day, self._spent = (refills[later - 1], refills[later]), None
        return self._day

    def spent(self, now: datetime) -> float:
        """Return the seconds of the attempts that have started since the refill and ended."""
        since, _ = self.day(now)
        if self._spent is None:
            self._spent = sum(seconds for at, seconds, _ in self.charges if at >= since)
        return self._spent

    def is_spent(self, now: datetime) -> bool:
        """Tell whether the day's budget is spent (§5.5)."""
        return self.seconds_limit is not None and self.spent(now) >= self.seconds_limit

    def is_crowded(self) -> bool:
        """Tell whether as many jobs run as may (§5.4)."""
        return self.running_limit is not None and self.running >= self.running_limit

    def is_full(self, now: datetime) -> bool:
        """Tell whether no job of the site may start now (§5.4, §5.5)."""
        return self.is_crowded() or self.is_spent(now)

    def charge(self, started_at: datetime, ended_at: datetime, *, is_final: bool) -> None:
        """Note the run time of an attempt that has ended."""
        self.charges.append((started_at, (ended_at - started_at).total_seconds(), is_final))
        if self._spent is not None and started_at >= self._day[0]:
            self._spent += self.charges[-1][1]

    def change(self) -> None:
        """Work out anew what depends on the site's columns; call it after one has changed."""
        self._day, self._spent = (LONG_AGO, LONG_AGO), None


@dataclass(slots=True)
class Schedule:
    """A schedule and all its instants."""

    id: int
    name: str
    priority: int
    is_serial: bool
    is_custom: bool
    recurrence: Recurrence
    zone: str
    missed_runs: str
    max_missed_runs: int
    enabled: bool = True
    instants: list[datetime] = field(default_factory=list)
    next_run_at: datetime | None = None

    def go_on(self, now: datetime) -> None:
        """Work out the next run after an instant."""
        later = bisect_right(self.instants, now)
        self.next_run_at = self.instants[later] if self.enabled else None

    def due(self, now: datetime) -> list[datetime]:
        """Return the times to be served now, by the policy for missed runs (§6)."""
        runs = [run for run in self.instants if (self.next_run_at or now) <= run <= now]
        fresh = [run for run in runs if run > now - MISSED]
        missed = runs[: len(runs) - len(fresh)]
        if self.missed_runs == "skip":
            return fresh
        if self.missed_runs == "once":
            return fresh or missed[-1:]
        return missed[-self.max_missed_runs :] + fresh

    def skipped(self, now: datetime) -> list[datetime]:
        """Return the missed times that are recorded: the latest, under `skip` only."""
        if self.missed_runs != "skip":
            return []
        runs = [run for run in self.instants if (self.next_run_at or now) <= run <= now - MISSED]
        return runs[-self.max_missed_runs :]


@dataclass(slots=True)
class Task:
    """A task, its recent successful runs (ended at, started at, microseconds) and its nature."""

    id: int
    title: str
    type: str
    site: Site
    schedule: Schedule | None
    priority: int | None
    datasource: str | None
    timeout: float | None
    max_attempts: int | None
    created_at: datetime
    enabled_at: datetime
    seconds: float
    failure_rate: float
    enabled: bool = True
    is_deleted: bool = False
    is_suspended: bool = False
    streak: int = 0
    history_since: datetime = LONG_AGO
    runs: deque[tuple[datetime, datetime, int]] = field(default_factory=deque)
    jobs: dict[int, Job] = field(default_factory=dict)

    def usual_seconds(self, now: datetime) -> float:
        """Return the mean over the recent successful runs (§4.5); infinity without any."""
        while self.runs and self.runs[0][0] <= now - HISTORY:
            self.runs.popleft()
        counted = [micros for _, began, micros in self.runs if began >= self.history_since]
        return sum(counted) / len(counted) / 1e6 if counted else inf

    def is_waiting(self) -> bool:
        """Tell whether a job of it waits."""
        return any(job.started_at is None for job in self.jobs.values())

    def start_afresh(self) -> None:
        """Let its failures count anew: a success, an edit, a republish, a resume (§6)."""
        self.streak, self.is_suspended = 0, False


@dataclass(slots=True)
class LinkedTask:
    """A linked task: its steps are (step, task, stop_on_failure)."""

    id: int
    title: str
    site: Site
    schedule: Schedule | None
    priority: int | None
    enabled_at: datetime
    steps: list[tuple[int, Task, bool]]
    enabled: bool = True
    job: Job | None = None


@dataclass(slots=True)
class Job:
    """A job and its story: (when, what happened)."""

    title: str
    type: str
    site: Site
    datasource: str | None
    schedule: Schedule | None
    is_serial: bool
    task: Task | None
    priority: int
    run_now: bool
    created_at: datetime
    scheduled_at: datetime | None
    usual_seconds: float
    since: datetime
    timeout: float | None
    max_attempts: int
    created_by: str
    not_before: datetime | None = None
    linked_task: LinkedTask | None = None
    linked_run: int | None = None
    step: int | None = None
    id: int = 0
    key: Key = ()
    attempt: int = 0
    failures: int = 0
    losses: int = 0
    started_at: datetime | None = None
    backgrounder: str | None = None
    cancel_asked_at: datetime | None = None
    is_deaf: bool = False
    outcome: str | None = None
    failed_as: str | None = None
    last_start: tuple[datetime | None, str | None] = (None, None)
    ended_at: datetime | None = None
    story: list[tuple[datetime, str]] = field(default_factory=list)

    def tell(self, at: datetime, text: str) -> None:
        """Add to the story."""
        self.story.append((at, text))

    def describe(self) -> str:
        """Return what it is, in a line."""
        where = f"site {self.site.name}, datasource {self.datasource}"
        when = f"schedule {self.schedule.name if self.schedule else None}, {self.scheduled_at}"
        flags = f"serial {self.is_serial}, run now {self.run_now}, step {self.step}"
        return (
            f"job {self.id} ({self.title}, {self.type}, {where}, {when}, {flags}, key {self.key})"
        )
