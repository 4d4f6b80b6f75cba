"""When schedules run, computed from semantics.md §6 without SQL, for days that are all alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MISSED_AFTER = timedelta(seconds=60)
MINUTES = {
    "every 15 minutes": range(0, 1440, 15),
    "every 30 minutes from 11:10 to 13:10": range(670, 791, 30),
    "every 12 hours": range(0, 1440, 720),
    "daily at 12:20": range(740, 741),
    "cron 0,1 * * * *": (h * 60 + minute for h in range(24) for minute in (0, 1)),
}
RECURRENCES = {text: tuple(minutes) for text, minutes in MINUTES.items()}
ZONES = {"UTC": 0, "Asia/Kolkata": 330}  # minutes ahead, on every day


@dataclass(eq=False)
class Schedule:
    """A schedule as the model knows it; its id is its place among them."""

    name: str
    id: int
    priority: int = 50
    is_serial: bool = False
    is_custom: bool = False
    enabled: bool = True
    recurrence: str | None = None
    time_zone: str = "UTC"
    missed_runs: str = "once"
    max_missed_runs: int = 10
    next_run_at: datetime | None = None
    last_run_at: datetime | None = None

    def set_next_run(self, now: datetime) -> None:
        """Work out the first run after now."""
        runs = self._runs(now, now + timedelta(days=2))
        self.next_run_at = next(runs, None) if self.enabled else None

    def due_runs(self, now: datetime) -> list[datetime]:
        """Return the runs to serve now, by the policy for missed ones."""
        if self.next_run_at is None:
            return []
        runs = list(self._runs(self.next_run_at - timedelta(seconds=1), now))
        missed = [run for run in runs if run <= now - MISSED_AFTER]
        current = [run for run in runs if run > now - MISSED_AFTER]
        match self.missed_runs:
            case "skip":
                return current
            case "once":
                return current or missed[-1:]
            case _:
                return missed[-self.max_missed_runs :] + current

    def skipped_runs(self, now: datetime) -> list[datetime]:
        """Return the missed runs that are recorded: the latest, under `skip` only."""
        if self.next_run_at is None or self.missed_runs != "skip":
            return []
        runs = self._runs(self.next_run_at - timedelta(seconds=1), now - MISSED_AFTER)
        return list(runs)[-self.max_missed_runs :]

    def note_runs(self, runs: list[datetime]) -> None:
        """Remember the latest run."""
        known = [] if self.last_run_at is None else [self.last_run_at]
        self.last_run_at = max([*known, *runs], default=None)

    def _runs(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the runs within (after, until]."""
        if self.recurrence is None:
            return
        offset = ZONES[self.time_zone]
        minutes = sorted((minute - offset) % 1440 for minute in RECURRENCES[self.recurrence])
        day = datetime(after.year, after.month, after.day, tzinfo=UTC)
        while day <= until:
            for minute in minutes:
                run = day + timedelta(minutes=minute)
                if after < run <= until:
                    yield run
            day += timedelta(days=1)
