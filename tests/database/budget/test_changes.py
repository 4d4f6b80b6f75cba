"""Budgets that are set, changed and lifted while jobs wait and run."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.sessions.budgets import budget, spend, spent
from support.sessions.clock import NOON, Clock
from support.sessions.timetable import change
from support.sessions.verbs import Verbs


@pytest.fixture
def acme(verbs: Verbs, clock: Clock) -> str:
    """Add a site that has spent its 100 seconds of today, and four jobs of it that wait."""
    assert clock.now == NOON
    verbs.site("acme", daily_seconds=100)
    spend(verbs, clock, "acme", 100)
    for _ in range(4):
        verbs.job(site="acme", datasource="sales" if _ == 3 else None)
    assert verbs.claim("n:1") is None
    return "acme"


def started(verbs: Verbs) -> int:
    """Let four backgrounders claim and return how many got a job; nothing may be left behind."""
    got = [verbs.claim(f"n:{number}") for number in range(1, 5)]
    assert verbs.sweep() == 0
    return len([job for job in got if job])


@pytest.mark.parametrize("seconds", [None, -1, 101, 5000])
def test_larger_or_lifted_budget_lets_all_jobs_in_at_once(
    verbs: Verbs, acme: str, seconds: int | None
) -> None:
    """With nobody running whose end could help."""
    budget(verbs, acme, seconds)

    assert started(verbs) == 4


@pytest.mark.parametrize("seconds", [100, 99, 0])
def test_budget_that_is_still_too_small_lets_nobody_in_before_the_refill(
    verbs: Verbs, clock: Clock, acme: str, seconds: int
) -> None:
    """And then all, unless there is nothing to refill."""
    budget(verbs, acme, seconds)

    assert started(verbs) == 0
    clock.advance(12 * 3600)
    assert started(verbs) == (4 if seconds else 0)


def test_lowered_budget_cuts_no_running_job_and_lets_no_other_in(
    verbs: Verbs, clock: Clock, acme: str
) -> None:
    """Nobody is displaced."""
    budget(verbs, acme, 1000)
    running = verbs.claim("n:1")
    budget(verbs, acme, 50)
    clock.advance(10)

    assert verbs.claim("n:2") is None
    assert verbs.finish(running or 0, claim=True) is None
    assert verbs.state(running or 0) == "succeeded"


def test_budget_set_at_midday_counts_the_morning(verbs: Verbs, clock: Clock) -> None:
    """What ran since the refill, by the history; what ran yesterday does not count."""
    clock.set(NOON - timedelta(hours=12, seconds=60))
    verbs.site("later")
    spend(verbs, clock, "later", 59)
    clock.set(NOON - timedelta(hours=12, seconds=1))
    spend(verbs, clock, "later", 40)
    spend(verbs, clock, "later", 30)
    clock.set(NOON)
    budget(verbs, "later", 31)

    assert spent(verbs, "later") == 30
    spend(verbs, clock, "later", 1)
    verbs.job(site="later")
    assert verbs.claim() is None


def test_job_that_runs_when_the_budget_is_set_is_charged_at_its_end(
    verbs: Verbs, clock: Clock
) -> None:
    """From its start."""
    verbs.site("later")
    job = verbs.job(site="later")
    verbs.claim()
    clock.advance(70)
    budget(verbs, "later", 100)
    clock.advance(20)
    verbs.finish(job)

    assert spent(verbs, "later") == 90


def test_budget_that_is_lifted_and_set_again_has_not_been_refilled(
    verbs: Verbs, clock: Clock, acme: str
) -> None:
    """What ran without it counts as well, once."""
    budget(verbs, acme, None)
    spend(verbs, clock, acme, 11)
    budget(verbs, acme, 100)
    budget(verbs, acme, None)
    budget(verbs, acme, 200)

    assert spent(verbs, acme) == 111


def test_moved_refill_counts_at_once(verbs: Verbs, clock: Clock, acme: str) -> None:
    """Jobs wait for the new time, not for the old one."""
    clock.advance(60)
    change(verbs, "site", "name", acme, refill_at="12:30")
    assert started(verbs) == 0
    clock.set(NOON + timedelta(minutes=30))

    assert started(verbs) == 4


def test_moved_zone_counts_at_once(verbs: Verbs, clock: Clock, acme: str) -> None:
    """Midnight in Auckland comes before midnight in Greenwich; it was at 11:00."""
    change(verbs, "site", "name", acme, time_zone="Pacific/Auckland")
    assert spent(verbs, acme) == 100
    clock.set(NOON + timedelta(hours=23))

    assert started(verbs) == 4


def test_defer_that_becomes_cancel_ends_the_jobs_that_wait(verbs: Verbs, acme: str) -> None:
    """With the next claim; and the other way round nothing comes back."""
    change(verbs, "site", "name", acme, over_budget="cancel")

    assert started(verbs) == 0
    assert verbs.values("select state from pgdispatch.job") == []


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_budget_and_limit_of_one_site_both_hold(
    verbs: Verbs, clock: Clock, acme: str, limit: int
) -> None:
    """After the refill no more start at once than may; each end lets one in."""
    verbs.limit(acme, limit)
    assert verbs.claim("n:1") is None
    clock.advance(12 * 3600)

    assert started(verbs) == limit
    ended = 0
    while running := verbs.values("select id from pgdispatch.job where state = 'running'"):
        assert len(running) <= limit
        verbs.finish(running[0], claim=True)
        ended += 1
    assert ended == 4


@pytest.mark.parametrize("widen", [None, 4])
def test_wider_limit_of_a_site_with_a_spent_budget_waits_for_the_refill(
    verbs: Verbs, clock: Clock, acme: str, widen: int | None
) -> None:
    """One of two reasons is gone."""
    verbs.limit(acme, 1)
    verbs.claim("n:1")
    verbs.limit(acme, widen)
    assert started(verbs) == 0
    clock.advance(12 * 3600)

    assert started(verbs) == 4


def test_site_without_a_budget_is_charged_nothing(verbs: Verbs, clock: Clock) -> None:
    """Nothing is kept of what it runs."""
    spend(verbs, clock, "default", 100)

    assert verbs.values("select site from pgdispatch.charge") == []
