"""Sites, their limits and their daily budgets: semantics.md §5.4 and §5.5, without any SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from support.model.schedules import ZONES

DAY = timedelta(days=1)


@dataclass(eq=False)
class Site:
    """A site. A limit of its own: null as all sites, -1 none; the one in force: null none."""

    name: str
    max_running_jobs: int | None = None
    daily_seconds: int | None = None
    refill: str = "00:00"
    time_zone: str = "UTC"
    over_budget: str = "defer"
    run_now_enabled: bool = True
    running_limit: int | None = None
    seconds_limit: int | None = None
    charges: list[tuple[datetime, float]] = field(default_factory=list)
    past: list[tuple[datetime, datetime]] = field(default_factory=list)

    def change(self, now: datetime, *, running: int, seconds: int, **columns: Any) -> None:
        """Change it, or the defaults of all sites, and work out the limits in force.

        A budget set in the middle of a day counts what has run since the refill.
        """
        before = self.seconds_limit
        for name, value in columns.items():
            setattr(self, name, value)
        self.running_limit = _in_force(self.max_running_jobs, running)
        self.seconds_limit = _in_force(self.daily_seconds, seconds)
        if self.seconds_limit is not None and before is None:
            since = self.refilled_at(now)
            self.charges = [
                (start, (end - start).total_seconds())
                for start, end in self.past
                if start >= since and end >= since
            ]

    def refilled_at(self, now: datetime) -> datetime:
        """Return when the budget was full the last time."""
        hours, minutes = map(int, self.refill.split(":"))
        offset = timedelta(hours=hours, minutes=minutes - ZONES[self.time_zone])
        refill = datetime(now.year, now.month, now.day, tzinfo=UTC) + offset + DAY
        while refill > now:
            refill -= DAY
        return refill

    def spent(self, now: datetime) -> float:
        """Return how many seconds those have run that started since the refill and have ended."""
        since = self.refilled_at(now)
        return sum(seconds for start, seconds in self.charges if start >= since)

    def is_spent(self, now: datetime) -> bool:
        """Tell whether nothing is left of the budget."""
        return self.seconds_limit is not None and self.spent(now) >= self.seconds_limit

    def is_crowded(self, running: int) -> bool:
        """Tell whether so many are as many as may run."""
        return self.running_limit is not None and running >= self.running_limit

    def is_full(self, now: datetime, running: int) -> bool:
        """Tell whether it may start no job while so many run."""
        return self.is_crowded(running) or self.is_spent(now)

    def charge(self, started_at: datetime, now: datetime) -> None:
        """Charge an attempt that has ended to the day of its start."""
        if self.seconds_limit is not None:
            self.charges.append((started_at, (now - started_at).total_seconds()))


def _in_force(own: int | None, default: int) -> int | None:
    limit = default if own is None else own
    return None if limit == -1 else limit
