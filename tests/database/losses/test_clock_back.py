"""The database's clock goes back, or one of a server that is behind is asked from now on."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from support.sessions.budgets import refill, spend
from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

BACK = [timedelta(seconds=20), timedelta(hours=1), timedelta(days=1)]
DAY = timedelta(days=1)


@pytest.fixture(params=BACK, ids=["20s", "1h", "1d"])
def back(request: pytest.FixtureRequest) -> timedelta:
    """Give by how much the clock goes back: by more than a lease."""
    found: timedelta = request.param
    return found


@pytest.fixture
def clock(verbs: Verbs) -> Clock:
    """Stop the clock forty days after the server's start, which is long ago at all times here."""
    clock = Clock(verbs.connection)
    clock.set(verbs.value("select pg_postmaster_start_time() + interval '40 days'"))
    return clock


def look(verbs: Verbs, clock: Clock, seconds: int, **alive: uuid.UUID) -> int:
    """Let time pass, with heartbeats of those alive and looks for those lost; count the jobs."""
    count = 0
    for _ in range(seconds):
        clock.advance(1)
        for node, incarnation in alive.items():
            verbs.run("select pgdispatch.heartbeat(%s, %s)", node, incarnation)
        count += verbs.value("select pgdispatch.declare_lost()")
    return count


def test_jobs_of_a_healthy_node_are_not_lost(verbs: Verbs, clock: Clock, back: timedelta) -> None:
    """Neither what it ran before nor what it has started since, which began before it did."""
    before, since = verbs.job(), verbs.job()
    look(verbs, clock, 1)
    verbs.run("update pgdispatch.watch set since = '-infinity'")
    alive = {"etl": verbs.register("etl")}
    verbs.claim("etl:1")
    assert look(verbs, clock, 20, **alive) == 0

    clock.advance(-back.total_seconds())
    verbs.claim("etl:2")

    assert look(verbs, clock, 60, **alive) == 0
    assert [verbs.state(before), verbs.state(since)] == ["running", "running"]


def test_what_is_lost_goes_back_one_lease_later(
    verbs: Verbs, clock: Clock, back: timedelta
) -> None:
    """The last sign of life, the last look and the start of the job lie in the future then."""
    alive = {"other": verbs.register("other")}
    verbs.register("etl")
    job = verbs.job()
    verbs.claim("etl:1")
    look(verbs, clock, 1, **alive)

    clock.advance(-back.total_seconds())

    assert look(verbs, clock, 15, **alive) == 0
    assert look(verbs, clock, 2, **alive) == 1
    assert verbs.state(job) == "waiting"


def test_a_job_that_no_registered_node_runs_goes_back_one_lease_later(
    verbs: Verbs, clock: Clock, back: timedelta
) -> None:
    """It was started at a time that has not come yet."""
    job = verbs.job()
    verbs.claim("desk:1")
    look(verbs, clock, 1)

    clock.advance(-back.total_seconds())

    assert look(verbs, clock, 15) == 0
    assert look(verbs, clock, 2) == 1
    assert verbs.state(job) == "waiting"


def test_a_clock_that_was_ahead_for_a_while_blinds_nobody(verbs: Verbs, clock: Clock) -> None:
    """What was noted at that time lies a day ahead."""
    alive = {"other": verbs.register("other")}
    verbs.register("etl")
    verbs.job()
    look(verbs, clock, 20, **alive)
    clock.advance(DAY.total_seconds())
    verbs.claim("etl:1")
    look(verbs, clock, 5, **alive)

    clock.advance(-DAY.total_seconds())

    assert look(verbs, clock, 15, **alive) == 0
    assert look(verbs, clock, 2, **alive) == 1


def test_the_name_of_a_dead_node_is_free_one_lease_later(
    verbs: Verbs, clock: Clock, back: timedelta
) -> None:
    """Whoever waits for it looks, too."""
    verbs.register("etl")
    look(verbs, clock, 1)
    clock.advance(-back.total_seconds())
    look(verbs, clock, 16)

    verbs.register("etl")

    assert verbs.value("select status from pgdispatch.status") == "starting"


def test_a_node_that_was_not_heard_of_since_counts_as_lost(verbs: Verbs, clock: Clock) -> None:
    """Where nobody looks: it can be deleted, too."""
    verbs.register("etl")
    clock.advance(-DAY.total_seconds())

    assert verbs.value("select status from pgdispatch.status") == "lost"
    verbs.run("delete from pgdispatch.node")


def test_a_retry_waits_no_longer_than_a_retry_may(verbs: Verbs, clock: Clock) -> None:
    """What a person has put off until then is left."""
    retried = verbs.job(max_attempts=3)
    verbs.claim("etl:1")
    verbs.fail(retried)
    later = clock.now + DAY
    put_off = verbs.job(not_before=later)
    look(verbs, clock, 1)

    clock.advance(-DAY.total_seconds())
    look(verbs, clock, 1)
    clock.advance(3600)

    assert verbs.drain() == [retried]
    assert verbs.column(put_off, "not_before") == later


def test_a_site_whose_refill_was_noted_for_later_is_looked_at_anew(
    verbs: Verbs, clock: Clock
) -> None:
    """At the refill that comes next now its jobs start."""
    site = verbs.site("acme", daily_seconds=100)
    at = refill(verbs, site)
    clock.set(at + timedelta(minutes=30))
    spend(verbs, clock, site, 200)
    job = verbs.job(site=site)
    assert verbs.claim() is None
    look(verbs, clock, 1)

    clock.set(at - timedelta(minutes=30))
    look(verbs, clock, 1)
    assert verbs.claim() is None
    clock.set(at)

    assert verbs.claim() == job


def test_what_was_spent_while_the_clock_was_ahead_counts_for_one_day_only(
    verbs: Verbs, clock: Clock
) -> None:
    """Not for each of the days until then; a run that ends only now, neither."""
    site = verbs.site("acme", daily_seconds=100)
    clock.advance(30 * DAY.total_seconds())
    spend(verbs, clock, site, 100)
    look(verbs, clock, 1)
    clock.advance(-30 * DAY.total_seconds())
    look(verbs, clock, 1)
    job = verbs.job(site=site)
    assert verbs.claim() is None

    clock.set(refill(verbs, site))

    assert verbs.claim() == job


def test_a_schedule_that_could_not_be_fired_is_tried_again(verbs: Verbs, clock: Clock) -> None:
    """At the next turn of the clock, not a day later."""
    verbs.schedule("hourly", recurrence="every 1 hour", time_zone="UTC")
    later = clock.now + timedelta(minutes=1)
    verbs.run("update pgdispatch.schedule set put_off_until = %s", later)
    look(verbs, clock, 1)

    clock.advance(-DAY.total_seconds())
    look(verbs, clock, 1)

    assert verbs.values("select put_off_until from pgdispatch.schedule") == [None]
