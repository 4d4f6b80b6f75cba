"""Budgets and limits that change, are spent or refilled while others claim and finish.

Of one site, or by the defaults of all.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.nodes.processes import wait_until
from support.sessions.budgets import budget, spend, spent
from support.sessions.clock import NOON, Clock
from support.sessions.pauses import block, let_go, pause_in, stop_at
from support.sessions.ring import Ring
from support.sessions.timetable import change, set_to
from support.sessions.verbs import Claimed, Verbs

MIDNIGHT = NOON + timedelta(hours=12)
LOCK = "select pg_advisory_lock(pgdispatch.lock_class('gate'), hashtext('site/' || %s))"
UNLOCK = "select pg_advisory_unlock(pgdispatch.lock_class('gate'), hashtext('site/' || %s))"
LIMIT_ALL = "update pgdispatch.site set max_running_jobs = 6 where name <> 'default'"
LIMITS = "select running_limit, seconds_limit from pgdispatch.site where name = 'new'"


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


@pytest.fixture
def clock(verbs: Verbs) -> Clock:
    """Stop the clock at noon."""
    return Clock(verbs.connection)


@pytest.fixture
def job(verbs: Verbs, clock: Clock) -> int:
    """Add a site that has spent its 100 seconds, and a job of it that waits."""
    verbs.site("acme", daily_seconds=100)
    spend(verbs, clock, "acme", 100)
    return verbs.job(site="acme")


@pytest.mark.parametrize("seconds", [101, -1, None])
def test_larger_budget_lets_in_the_job_that_is_just_being_parked(
    ring: Ring, verbs: Verbs, job: int, seconds: int | None
) -> None:
    """The change waits for nobody; the next claim does, and then sees what was parked."""
    claiming, other = ring.session(begin=True), ring.session()
    assert claiming.verbs.claim("n:1") is None
    budget(verbs, "acme", seconds)
    waiting = ring.start_waiting(other, lambda v: v.claim("n:2"))

    claiming.commit()

    assert waiting.result() == job
    assert verbs.sweep() == 0


def test_claim_waits_for_the_commit_of_a_larger_budget(ring: Ring, verbs: Verbs, job: int) -> None:
    """A person who thinks in an open transaction holds up nobody, and changes nothing yet."""
    person = ring.session(begin=True)
    budget(person.verbs, "acme", 500)
    assert verbs.claim("n:1") is None

    person.commit()

    assert verbs.claim("n:1") == job


@pytest.mark.parametrize("has_others", [False, True])
def test_refill_finds_the_job_that_is_just_being_parked(
    ring: Ring, verbs: Verbs, clock: Clock, job: int, has_others: bool
) -> None:
    """A claim at the time of the refill waits for it, and takes the jobs in their order."""
    expected = [job]
    if has_others:
        assert verbs.claim("n:3") is None
        expected.insert(0, verbs.job(site="acme", priority=1))
    claiming, other = ring.session(begin=True), ring.session()
    assert claiming.verbs.claim("n:1") is None
    clock.set(MIDNIGHT)
    waiting = other.start(lambda v: v.claim("n:2"))
    wait_until(lambda: waiting.done() or ring.is_waiting(other))

    claiming.commit()

    started = [waiting.result(), verbs.claim("n:4"), verbs.claim("n:5")]
    assert [job for job in started if job is not None] == expected
    assert verbs.sweep() == 0


def test_two_claims_at_the_refill_take_the_jobs_in_their_order(
    ring: Ring, verbs: Verbs, clock: Clock, job: int
) -> None:
    """The second waits until the first has woken what is due."""
    better = verbs.job(site="acme", priority=1)
    assert verbs.claim("n:1") is None
    clock.set(MIDNIGHT)
    first, second = ring.session(begin=True), ring.session()
    assert first.verbs.claim("n:1") == better
    waiting = ring.start_waiting(second, lambda v: v.claim("n:2"))

    first.commit()

    assert waiting.result() == job


def test_refill_that_is_given_up_is_repeated(
    ring: Ring, verbs: Verbs, clock: Clock, job: int
) -> None:
    """A claim that wakes a site and rolls back, or dies, loses nothing."""
    assert verbs.claim("n:1") is None
    clock.set(MIDNIGHT)
    claiming = ring.session(begin=True)
    assert claiming.verbs.claim("n:1") == job

    claiming.connection.close()

    assert verbs.claim("n:2") == job


def test_claim_beside_a_finish_that_spends_the_budget_starts_nothing(
    ring: Ring, verbs: Verbs, clock: Clock
) -> None:
    """It waits at the gate and sees the charge."""
    verbs.site("acme", daily_seconds=100)
    running, later = (verbs.job(site="acme") for _ in range(2))
    verbs.claim("n:1")
    clock.advance(100)
    finishing, claiming = ring.session(begin=True), ring.session()
    finishing.verbs.finish(running)
    waiting = ring.start_waiting(claiming, lambda v: v.claim("n:2"))

    finishing.commit()

    assert waiting.result() is None
    assert verbs.column(later, "gate") == "site/acme"
    clock.set(MIDNIGHT)
    assert verbs.claim("n:2") == later


def test_end_of_a_job_without_the_gate_does_not_block_one_with_it(
    ring: Ring, verbs: Verbs, clock: Clock
) -> None:
    """Both spend: one started before the site had a budget and claims after it."""
    verbs.site("acme")
    without = verbs.job(site="acme", priority=1)
    verbs.claim("n:1")
    budget(verbs, "acme", 100)
    with_it, _ = (verbs.job(site="acme", priority=priority) for priority in (2, 3))
    assert verbs.claim("n:2") == with_it
    clock.advance(95)
    holder, first, second = (ring.session() for _ in range(3))
    holder.verbs.run(LOCK, "acme")
    ends = [ring.start_waiting(first, lambda v: v.finish(with_it, claim=True))]
    ends.append(second.start(lambda v: v.finish(without, claim=True)))
    wait_until(lambda: ends[1].done() or ring.is_waiting(second))

    holder.verbs.run(UNLOCK, "acme")

    assert [end.exception() for end in ends] == [None, None]
    assert ring.deadlocks() == 0
    assert spent(verbs, "acme") == 190


def test_job_is_not_parked_for_an_occupant_that_has_just_ended(
    ring: Ring, verbs: Verbs, clock: Clock
) -> None:
    """It knew no gate, so its end wakes nobody; and it has spent the budget meanwhile."""
    verbs.site("acme")
    occupant = verbs.job(site="acme")
    verbs.claim("n:1")
    change(verbs, "site", "name", "acme", max_running_jobs=1, daily_seconds=100)
    waiting_job = verbs.job(site="acme")
    pause_in(verbs, "mark_occupants", "p_job pgdispatch.job, p_gate text", "boolean")
    claiming, guard = ring.session(), block(ring)
    stop_at(claiming, "mark_occupants")
    claim = ring.start_waiting(claiming, lambda v: v.claim("n:2"))
    clock.advance(200)
    verbs.finish(occupant)

    let_go(guard)

    assert claim.result() is None
    clock.set(MIDNIGHT)
    assert verbs.claim("n:2") == waiting_job
    assert verbs.sweep() == 0


def test_job_whose_gate_has_room_after_all_starts_at_once(ring: Ring, verbs: Verbs) -> None:
    """Its occupant ended while the job was being parked: the claim begins anew and meets it."""
    verbs.site("acme")
    occupant = verbs.job(site="acme")
    verbs.claim("n:1")
    change(verbs, "site", "name", "acme", max_running_jobs=1)
    waiting_job = verbs.job(site="acme")
    pause_in(verbs, "mark_occupants", "p_job pgdispatch.job, p_gate text", "boolean")
    claiming, guard = ring.session(), block(ring)
    stop_at(claiming, "mark_occupants")
    claim = ring.start_waiting(claiming, lambda v: v.claim("n:2"))
    verbs.finish(occupant)

    let_go(guard)

    assert claim.result() == waiting_job


def test_budget_that_is_set_beside_a_claim_charges_the_job_that_starts(
    ring: Ring, verbs: Verbs, clock: Clock
) -> None:
    """It knew no gate when it started."""
    verbs.site("acme")
    job = verbs.job(site="acme")
    claiming = ring.session(begin=True)
    claiming.verbs.claim("n:1")
    budget(verbs, "acme", 100)
    claiming.commit()
    clock.advance(100)
    deferred = verbs.job(site="acme")

    assert verbs.finish(job, claim=True) in (None, Claimed("again", None, None))  # type: ignore[arg-type]  # no job
    assert verbs.claim("n:1") is None
    clock.set(MIDNIGHT)
    assert verbs.claim("n:1") == deferred


def test_two_who_change_one_site_leave_what_the_last_one_said(
    ring: Ring, verbs: Verbs, job: int
) -> None:
    """The second waits; nothing that waits is forgotten between them."""
    assert verbs.claim("n:1") is None
    first, second = ring.session(begin=True), ring.session()
    budget(first.verbs, "acme", 50)
    waiting = ring.start_waiting(second, lambda v: budget(v, "acme", 500))

    first.commit()
    waiting.result()

    assert verbs.claim("n:1") == job


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("site_max_running_jobs", (7, None)), ("site_daily_seconds", (None, 7))],
)
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_site_that_is_added_beside_a_change_of_the_defaults_has_the_new_one(
    ring: Ring, verbs: Verbs, setting: str, expected: tuple[int | None, int | None], end: str
) -> None:
    """It waits for the change: who makes it does not see the site."""
    person, other = ring.session(begin=True), ring.session()
    set_to(person.verbs, setting, 7)
    adding = ring.start_waiting(other, lambda v: v.site("new"))

    getattr(person, end)()
    adding.result()

    assert tuple(verbs.row(LIMITS).values()) == (expected if end == "commit" else (None, None))


@pytest.mark.parametrize("change", ["default", "sites"])
def test_changed_limits_and_a_loss_at_several_sites_do_not_block_each_other(
    ring: Ring, verbs: Verbs, change: str
) -> None:
    """The change of a default, or of two sites in one statement in any order, takes no gate."""
    low, high = verbs.values(
        "select 'site ' || n from generate_series(1, 2) as n order by hashtext('site/site ' || n)"
    )
    for site in (high, low):
        verbs.site(site, 5 if change == "sites" else None)
        verbs.job(site=site)
    if change == "default":
        set_to(verbs, "site_max_running_jobs", 5)
    for number in (1, 2):
        verbs.claim(f"n:{number}")
    holder, losing, changing = (ring.session() for _ in range(3))
    holder.verbs.run(LOCK, low)
    loss = ring.start_waiting(losing, lambda v: v.value("select pgdispatch.declare_lost('n')"))
    if change == "default":
        changed = changing.start(lambda v: set_to(v, "site_max_running_jobs", 6))
    else:
        changed = changing.start(lambda v: v.run(LIMIT_ALL))
    wait_until(lambda: changed.done() or ring.is_waiting(changing))

    holder.verbs.run(UNLOCK, low)

    assert loss.result() == 2
    changed.result()
    assert ring.deadlocks() == 0
