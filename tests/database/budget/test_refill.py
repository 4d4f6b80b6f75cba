"""The budget of a site is refilled once a day, at its time in its zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from support.sessions.budgets import refill, spend
from support.sessions.clock import Clock
from support.sessions.timetable import change
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True

ZONES = [
    ("UTC", "2026-03-02 12:00", "2026-03-03 06:00"),
    ("Asia/Kolkata", "2026-03-02 12:00", "2026-03-03 00:30"),
    ("America/New_York", "2026-03-07 12:00", "2026-03-08 10:00"),
    ("Europe/Berlin", "2026-10-24 12:00", "2026-10-25 05:00"),
]
CHANGES = [
    ("02:30 Europe/Berlin", "2026-03-29 01:00"),
    ("02:30 Europe/Berlin", "2026-10-25 00:30"),
    ("02:00 America/New_York", "2026-03-08 07:00"),
    ("01:30 America/New_York", "2026-11-01 05:30"),
]


def instant(text: str) -> datetime:
    """Return an instant given in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def acme(verbs: Verbs) -> str:
    """Add a site with a budget of 100 seconds a day."""
    return verbs.site("acme", daily_seconds=100)


@pytest.mark.parametrize("case", ZONES)
def test_budget_is_refilled_at_the_sites_time_in_its_zone(
    verbs: Verbs, clock: Clock, acme: str, case: tuple[str, str, str]
) -> None:
    """At six in the morning, on change-over days too."""
    zone, now, expected = case
    clock.set(instant(now))
    change(verbs, "site", "name", acme, refill_at="06:00", time_zone=zone)
    at = instant(expected)
    assert refill(verbs, acme) == at
    spend(verbs, clock, acme, 100)
    job = verbs.job(site=acme)
    clock.set(at - timedelta(seconds=1))
    assert verbs.claim() is None
    clock.set(at)

    assert verbs.claim() == job


@pytest.mark.parametrize("case", CHANGES)
def test_budget_is_refilled_once_on_a_day_that_skips_or_repeats_the_time(
    verbs: Verbs, clock: Clock, acme: str, case: tuple[str, str]
) -> None:
    """At the next instant that exists, or at the first of two; then a day later."""
    (at, zone), refilled = case[0].split(), instant(case[1])
    clock.set(refilled - timedelta(hours=3))
    change(verbs, "site", "name", acme, refill_at=at, time_zone=zone)
    assert refill(verbs, acme) == refilled
    clock.set(refilled)
    spend(verbs, clock, acme, 100)
    verbs.job(site=acme)
    clock.set(refilled + timedelta(hours=2))

    assert verbs.claim() is None
    assert refill(verbs, acme) - refilled > timedelta(hours=22)
