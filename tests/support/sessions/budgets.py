"""What sites spend of their daily budgets, for tests."""

from __future__ import annotations

from datetime import datetime

from support.sessions.clock import Clock
from support.sessions.timetable import change
from support.sessions.verbs import Verbs


def spend(verbs: Verbs, clock: Clock, site: str, seconds: float) -> int:
    """Let one job of a site run for so long, and return it."""
    job = verbs.job(site=site, priority=1)
    if verbs.claim("n:9") != job:
        raise ValueError(f"job {job} of {site} does not start")
    clock.advance(seconds)
    verbs.finish(job)
    return job


def spent(verbs: Verbs, site: str) -> float:
    """Return what a site has spent since its last refill, in seconds."""
    query = "select pgdispatch.spent_seconds(s) from pgdispatch.site as s where name = %s"
    return float(verbs.value(query, site))


def budget(verbs: Verbs, site: str, seconds: int | None) -> None:
    """Change the budget of a site."""
    change(verbs, "site", "name", site, daily_seconds=seconds)


def refill(verbs: Verbs, site: str) -> datetime:
    """Return when the budget of a site is refilled next."""
    query = "select pgdispatch.refill_at(s) from pgdispatch.site as s where name = %s"
    found: datetime = verbs.value(query, site)
    return found
