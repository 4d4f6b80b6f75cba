"""Tasks and jobs as the model knows them, and the order of semantics.md §4."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from typing import TYPE_CHECKING

from support.model.schedules import Schedule
from support.model.sites import Site

if TYPE_CHECKING:
    from support.model.linked_tasks import LinkedRun

RANKS = {
    "flow": 0,
    "alert": 1,
    "system": 2,
    "subscription": 3,
    "extract_creation": 4,
    "incremental_extract": 5,
    "full_extract": 6,
}
TIMEOUTS = {
    name: None if name == "system" else timedelta(seconds=14400 if name == "flow" else 7200)
    for name in RANKS
}
READS_SCHEDULE = ("alert", "subscription")
BATCH = 60
LAST = BATCH - 1e-6  # the last instant of a batch
HISTORY = timedelta(hours=180)
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
Key = tuple[float, ...]


@dataclass(eq=False)
class Task:
    """A task, its recent successful runs (ended at, seconds), and its failures in a row."""

    id: int
    type: str
    site: Site
    datasource: str | None
    schedule: Schedule | None
    priority: int | None
    created_at: datetime
    enabled_at: datetime
    enabled: bool = True
    timeout: timedelta | None = None
    max_attempts: int | None = None
    history_since: datetime = LONG_AGO
    runs: list[tuple[datetime, float]] = field(default_factory=list)
    occurrences: dict[datetime, str | None] = field(default_factory=dict)
    streak: int = 0
    is_suspended: bool = False

    def usual_seconds(self, now: datetime) -> float:
        """Return the mean over the recent successful runs; infinity without any."""
        recent = [
            seconds
            for ended_at, seconds in self.runs
            if ended_at > now - HISTORY
            and ended_at - timedelta(seconds=seconds) >= self.history_since
        ]
        return sum(recent) / len(recent) if recent else inf

    def priority_of_schedule(self) -> int | None:
        """Return the priority that it has when it is created or republished (§3.2)."""
        if self.type in READS_SCHEDULE:
            return None
        if self.schedule is not None:
            return self.schedule.priority
        return None if self.type == "flow" else 50

    def fail(self, allowed: int) -> None:
        """Count a failure, and suspend it after so many as are allowed (-1: never)."""
        self.streak += 1
        self.is_suspended = self.is_suspended or 0 <= allowed <= self.streak

    def forgive(self) -> None:
        """Let the failures count anew: after a success, an edit, a republish or a resume."""
        self.streak, self.is_suspended = 0, False

    def republish(self, now: datetime) -> None:
        """Start afresh (§3.2)."""
        self.priority = self.priority_of_schedule()
        self.created_at = self.history_since = now
        self.forgive()


@dataclass(eq=False)
class Job:
    """A job that waits (no start) or runs. `run` and `step` are those of a linked task."""

    id: int
    type: str
    site: Site
    datasource: str | None
    schedule: Schedule | None
    task: Task | None
    priority: int
    added_at: datetime
    timeout: timedelta | None
    max_attempts: int
    is_serial: bool = False
    run_now: bool = False
    run: LinkedRun | None = None
    step: int | None = None
    scheduled_at: datetime | None = None
    not_before: datetime | None = None
    usual_seconds: float = inf
    enabled_since: datetime = LONG_AGO
    started_at: datetime | None = None
    backgrounder: str | None = None
    is_cancelled: bool = False
    failures: int = 0
    losses: int = 0

    def key(self, tie_break: str) -> Key:
        """Return the place in the order of §4."""
        first = 0 if self.run_now and self.type != "flow" else 1
        if self.scheduled_at is None:
            return (first, self.priority, self.added_at.timestamp(), -1, 0, 0, self.id)
        late = (self.added_at - self.scheduled_at).total_seconds() > BATCH
        time = self.added_at if late else self.scheduled_at
        batch = time.timestamp() // BATCH * BATCH + late * LAST
        since = self.enabled_since.timestamp()
        ties = (
            (self.usual_seconds, since) if tie_break == "history" else (since, self.usual_seconds)
        )
        return (first, self.priority, batch, RANKS[self.type], *ties, self.id)

    def has_data_of(self, other: Job) -> bool:
        """Tell whether it refreshes what another one does."""
        return self.datasource is not None and (
            (self.site, self.datasource) == (other.site, other.datasource)
        )

    def stop(self) -> None:
        """Wait again."""
        self.started_at, self.backgrounder = None, None
