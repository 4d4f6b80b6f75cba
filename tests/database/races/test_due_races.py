"""Jobs that become due while others claim, write them, or hold their rows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.due import drain, fill, in_order, narrow
from support.sessions.ring import Ring
from support.sessions.rivals import drain as drain_by_rivals
from support.sessions.verbs import Claimed, Verbs

SOON = NOON + timedelta(seconds=60)


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


@pytest.fixture
def clock(verbs: Verbs) -> Clock:
    """Stop the clock at noon."""
    return Clock(verbs.connection)


def test_claim_waits_for_a_rival_that_makes_due_jobs_ready(
    ring: Ring, verbs: Verbs, clock: Clock
) -> None:
    """It does not pass them over for a lesser job that is ready already."""
    first, second = (verbs.job(priority=priority, not_before=SOON) for priority in (1, 2))
    verbs.job(priority=90)
    clock.set(SOON)
    turning, claiming = ring.session(begin=True), ring.session()
    assert turning.verbs.claim("n:1") == first
    waiting = ring.start_waiting(claiming, lambda v: v.claim("n:2"))

    turning.commit()

    assert waiting.result() == second


def test_finish_beside_a_rival_that_makes_due_jobs_ready_ends_its_job_and_asks_again(
    ring: Ring, verbs: Verbs, clock: Clock
) -> None:
    """It holds gates, so it does not wait."""
    running = verbs.job(datasource="sales")
    verbs.claim("n:2")
    first, second = (verbs.job(priority=priority, not_before=SOON) for priority in (1, 2))
    verbs.job(priority=90)
    clock.set(SOON)
    turning = ring.session(begin=True)
    assert turning.verbs.claim("n:1") == first

    got = verbs.finish(running, claim=True)
    turning.commit()

    assert got is not None
    assert got.verdict == "again"
    assert verbs.state(running) == "succeeded"
    assert verbs.claim("n:2") == second


@pytest.mark.parametrize("count", [1, 300], ids=["few", "many"])
def test_due_job_whose_row_a_person_holds_is_passed_over_and_found_once_it_is_let_go(
    ring: Ring, verbs: Verbs, clock: Clock, count: int
) -> None:
    """Nobody waits for a person; afterwards it has its place again."""
    fill(verbs, count, not_before=SOON, lowest=50, width=1)
    held, better = (verbs.job(priority=priority, not_before=SOON) for priority in (2, 1))
    clock.set(SOON)
    person = ring.session(begin=True)
    person.verbs.run("select from pgdispatch.job where id = %s for update", held)
    started = drain(verbs, 1).started
    others = drain(verbs, count // 2).started

    person.rollback()

    assert started == [better]
    assert held not in others
    assert verbs.claim("n:2") == held


@pytest.mark.parametrize("count", [1, 300], ids=["few", "many"])
def test_delayed_job_that_is_committed_after_its_time_takes_its_place(
    ring: Ring, verbs: Verbs, clock: Clock, count: int
) -> None:
    """Whoever looked before could not see it; that all due ones are ready was not said yet."""
    writing = ring.session(begin=True)
    late = writing.verbs.job(priority=1, not_before=SOON)
    fill(verbs, count, not_before=SOON, lowest=50, width=1)
    verbs.job(priority=60)
    clock.set(SOON + timedelta(seconds=120))
    assert len(drain(verbs, 1 + count // 2).started) == 1 + count // 2

    writing.commit()

    assert verbs.claim("n:2") == late


def test_writer_that_keeps_its_transaction_open_does_not_keep_later_due_jobs_from_their_order(
    ring: Ring, verbs: Verbs, clock: Clock
) -> None:
    """Nothing starts before all that are due are ready, in bounded numbers."""
    writing = ring.session(begin=True)
    writing.verbs.job(priority=1, not_before=SOON)
    fill(verbs, 1000, not_before=SOON)
    clock.set(SOON)
    expected = in_order(verbs, 300)

    done = drain(verbs, 300)

    assert done.started == expected
    assert done.most_ready <= 64


def test_transaction_that_is_given_up_announces_no_delay(ring: Ring, verbs: Verbs) -> None:
    """Nor does a savepoint; a commit ends it."""
    writing = ring.session(begin=True)
    query = "select count(*) from pg_locks where classid = pgdispatch.lock_class('delays')"
    seen = []
    for _ in range(2):
        writing.verbs.run("savepoint s")
        writing.verbs.job(not_before=NOON + timedelta(days=9999))
        seen.append(verbs.value(query))
        writing.verbs.run("rollback to s")
        seen.append(verbs.value(query))
    writing.verbs.job(not_before=NOON + timedelta(days=9999))
    seen.append(verbs.value(query))
    writing.commit()

    assert [*seen, verbs.value(query)] == [1, 0, 1, 0, 1, 0]


@pytest.mark.parametrize("narrowed", [False, True])
def test_rivals_drain_due_and_let_in_jobs_to_the_last(
    ring: Ring, verbs: Verbs, clock: Clock, narrowed: bool
) -> None:
    """Beside retries; no deadlock, nothing left behind for the sweep, no gate over-full."""
    if narrowed:
        narrow(verbs)
    verbs.site("acme", 0)
    verbs.site("blue", 2)
    fill(verbs, 400, not_before=SOON)
    fill(verbs, 200, not_before=SOON + timedelta(seconds=3))
    fill(verbs, 300, state="parked", gate="site/acme")
    for number in range(60):
        verbs.job(site="blue", max_attempts=3, not_before=SOON, datasource=str(number % 7))
    clock.set(SOON)
    verbs.limit("acme", None)

    watch = drain_by_rivals(ring.dsn, 6, fails=fails, turns_clock=True)

    assert ring.deadlocks() == 0
    assert watch.overfull == []
    assert watch.swept == 0
    assert verbs.value("select count(*) from pgdispatch.job_history") == 960


def fails(claimed: Claimed) -> bool:
    """Choose a third of all attempts."""
    return (claimed.id + claimed.attempt) % 3 == 0
