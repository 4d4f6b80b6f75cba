"""Claim, finish and requeue beside each other at common gates."""

from __future__ import annotations

import pytest

from support.sessions.ring import Ring
from support.sessions.verbs import Claimed, Verbs

SALES = """
select pg_advisory_lock(pgdispatch.lock_class('gate'), hashtext('datasource/default/sales'))
"""
SALES_AGAIN = """
select pg_advisory_unlock(pgdispatch.lock_class('gate'), hashtext('datasource/default/sales'))
"""


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


def test_second_claim_at_one_gate_waits_and_takes_another_job(ring: Ring, verbs: Verbs) -> None:
    """After the first has committed it sees the gate full."""
    first, second = (verbs.job(datasource="sales") for _ in range(2))
    free = verbs.job()
    ahead, behind = ring.session(begin=True), ring.session()
    assert ahead.verbs.claim("n:1") == first
    waiting = ring.start_waiting(behind, lambda v: v.claim("n:2"))

    ahead.commit()

    assert waiting.result() == free
    assert verbs.column(second, "gate") == "datasource/default/sales"


def test_finish_beside_a_claim_at_the_gate_of_the_next_job_is_told_to_ask_again(
    ring: Ring, verbs: Verbs
) -> None:
    """It holds a gate, so it cannot wait for another; and it starts no lesser job."""
    running = verbs.job(datasource="sales")
    verbs.claim("n:1")
    first, other = (verbs.job(datasource=data) for data in ("stock", "staff"))
    ahead = ring.session(begin=True)
    assert ahead.verbs.claim("n:2") == first

    assert verbs.finish(running, claim=True) == Claimed("again", None, None)  # type: ignore[arg-type]  # no job

    ahead.commit()
    assert verbs.claim("n:1") == other


@pytest.mark.parametrize("rivals", [1, 3])
def test_claim_passes_over_jobs_without_gates_that_rivals_are_starting(
    ring: Ring, verbs: Verbs, rivals: int
) -> None:
    """However many they are, it waits for none of them."""
    jobs = [verbs.job() for _ in range(rivals + 1)]
    for number, job in enumerate(jobs[:rivals]):
        assert ring.session(begin=True).verbs.claim(f"n:{number}") == job

    assert verbs.claim("n:9") == jobs[-1]


@pytest.mark.parametrize("datasource", [None, "sales"])
def test_claim_starts_no_lesser_job_than_one_whose_start_was_taken_back(
    ring: Ring, verbs: Verbs, datasource: str | None
) -> None:
    """It still has the xmax of who had started it."""
    first, _ = verbs.job(datasource=datasource), verbs.job()
    ahead = ring.session(begin=True)
    assert ahead.verbs.claim("n:1") == first
    ahead.rollback()

    assert verbs.claim("n:2") == first


def test_claim_waits_for_a_rival_that_parks_a_job_and_wakes_a_better_one(
    ring: Ring, verbs: Verbs
) -> None:
    """What the rival does not take itself comes before what is ready now."""
    verbs.schedule("nightly", execution="serial")
    verbs.job(schedule="nightly")
    running = verbs.job(datasource="sales")
    assert verbs.claim("n:1") is not None
    assert verbs.claim("n:2") == running
    verbs.job(datasource="sales", schedule="nightly", priority=1)
    woken = verbs.job("flow", datasource="sales", priority=2)
    assert verbs.claim("n:3") is None
    verbs.finish(running)
    lesser, _ = (verbs.job(priority=3) for _ in range(2))
    ahead, behind = ring.session(begin=True), ring.session()
    assert ahead.verbs.claim("n:2", ["system"]) == lesser
    waiting = ring.start_waiting(behind, lambda v: v.claim("n:3"))

    ahead.commit()

    assert waiting.result() == woken


def test_second_claim_at_one_gate_takes_the_job_that_the_first_gives_up(
    ring: Ring, verbs: Verbs
) -> None:
    """After a rollback the better job is there again."""
    first, _ = (verbs.job(datasource="sales") for _ in range(2))
    ahead, behind = ring.session(begin=True), ring.session()
    ahead.verbs.claim("n:1")
    waiting = ring.start_waiting(behind, lambda v: v.claim("n:2"))

    ahead.rollback()

    assert waiting.result() == first


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_claim_beside_a_finish_sees_what_became_of_it(ring: Ring, verbs: Verbs, end: str) -> None:
    """It waits at the gate; then there is room, or there is not."""
    running, next_one = (verbs.job(datasource="sales") for _ in range(2))
    verbs.claim("n:1")
    finishing, claiming = ring.session(begin=True), ring.session()
    finishing.verbs.finish(running)
    waiting = ring.start_waiting(claiming, lambda v: v.claim("n:2"))

    getattr(finishing, end)()

    assert waiting.result() == (next_one if end == "commit" else None)


def test_finish_beside_a_claim_wakes_the_job_that_was_just_parked(ring: Ring, verbs: Verbs) -> None:
    """The one that parks holds the gate; whoever frees it comes after and sees the parked job."""
    running, parked = (verbs.job(datasource="sales") for _ in range(2))
    verbs.claim("n:1")
    claiming, finishing = ring.session(begin=True), ring.session()
    assert claiming.verbs.claim("n:2") is None
    waiting = ring.start_waiting(finishing, lambda v: v.finish(running, claim=True))

    claiming.commit()

    assert waiting.result() == Claimed("run", parked, 1)


def test_finishes_with_two_common_gates_wait_for_each_other(ring: Ring, verbs: Verbs) -> None:
    """Both take the locks in the same order, and the last one lets the serial job in."""
    verbs.site("acme", 2)
    verbs.schedule("nightly")
    running = [verbs.job(site="acme", schedule="nightly", datasource=data) for data in "ab"]
    assert [verbs.claim("n:1"), verbs.claim("n:2")] == running
    verbs.execution("nightly", "serial")
    serial = verbs.job(site="acme", schedule="nightly")
    assert verbs.claim("n:3") is None
    first, second = ring.session(begin=True), ring.session()
    first.verbs.finish(running[0])
    waiting = ring.start_waiting(second, lambda v: v.finish(running[1], claim=True))

    first.commit()

    assert waiting.result() == Claimed("run", serial, 1)


def test_claim_beside_a_requeue_takes_the_better_job_that_came_back(
    ring: Ring, verbs: Verbs
) -> None:
    """It had looked at the lesser one when it began to wait."""
    better, _ = (verbs.job(datasource="sales") for _ in range(2))
    verbs.claim("n:1")
    giving, claiming = ring.session(begin=True), ring.session()
    giving.verbs.requeue(better)
    waiting = ring.start_waiting(claiming, lambda v: v.claim("n:2"))

    giving.commit()

    assert waiting.result() == better


def test_claim_takes_the_better_job_that_was_woken_while_it_waited(
    ring: Ring, verbs: Verbs
) -> None:
    """Nothing read before the lock decides."""
    running, better = (verbs.job(datasource="sales", priority=p) for p in (1, 2))
    verbs.claim("n:1")
    assert verbs.claim("n:2") is None
    lesser = verbs.job(datasource="sales", priority=3)
    finishing, claiming = ring.session(begin=True), ring.session()
    finishing.verbs.finish(running)
    waiting = ring.start_waiting(claiming, lambda v: v.claim("n:2"))

    finishing.commit()

    assert waiting.result() == better
    assert verbs.claim("n:3") is None
    assert verbs.column(lesser, "state") == "parked"


def test_claim_is_not_misled_by_a_rival_that_waits_for_its_gate(ring: Ring, verbs: Verbs) -> None:
    """A rival that has got hold of a better job must not make this one start the lesser."""
    lesser = verbs.job(datasource="sales", priority=3)
    holder, first, second = (ring.session() for _ in range(3))
    holder.verbs.run(SALES)
    claims = [ring.start_waiting(first, lambda v: v.claim("n:1"))]
    better = verbs.job(datasource="sales", priority=2)
    claims.append(ring.start_waiting(second, lambda v: v.claim("n:2")))

    holder.verbs.run(SALES_AGAIN)

    assert {claim.result() for claim in claims} == {better, None}
    assert verbs.column(lesser, "state") == "parked"


def test_claim_that_is_about_to_look_tells_running_jobs_of_a_new_gate_or_asks_again(
    ring: Ring, verbs: Verbs
) -> None:
    """A job that ends right now and knows nothing of the gate wakes nobody there."""
    verbs.schedule("nightly")
    parallel = verbs.job(schedule="nightly")
    verbs.claim("n:1")
    verbs.execution("nightly", "serial")
    serial = verbs.job(schedule="nightly")
    finishing = ring.session(begin=True)
    finishing.verbs.finish(parallel)

    asked = verbs.rows("select verdict, more from pgdispatch.claim('n:2')")
    finishing.commit()

    assert asked in ([], [{"verdict": "again", "more": None}])
    assert verbs.claim("n:2") == serial


def test_finish_beside_a_loss_is_refused(ring: Ring, verbs: Verbs) -> None:
    """The attempt was taken away: SQLSTATE JD003, and the job runs once more."""
    job = verbs.job()
    verbs.claim("etl:1")
    losing, finishing = ring.session(begin=True), ring.session()
    losing.verbs.run("select pgdispatch.declare_lost('etl')")
    waiting = ring.start_waiting(finishing, lambda v: v.finish(job))

    losing.commit()

    assert getattr(waiting.exception(), "sqlstate", None) == "JD003"
    assert verbs.ask("n:1") == Claimed("run", job, 2)


def test_loss_passes_by_a_job_that_just_ends(ring: Ring, verbs: Verbs) -> None:
    """It does not wait for the finish, nor undo it."""
    job = verbs.job()
    verbs.claim("etl:1")
    finishing = ring.session(begin=True)
    finishing.verbs.finish(job)

    lost = verbs.value("select pgdispatch.declare_lost('etl')")
    finishing.commit()

    assert lost == 0
    assert verbs.state(job) == "succeeded"


def test_of_two_claims_for_one_backgrounder_the_second_is_refused(ring: Ring, verbs: Verbs) -> None:
    """It waits for the first, and sees its job."""
    first, _ = verbs.job(), verbs.job()
    ahead, behind = ring.session(begin=True), ring.session()
    assert ahead.verbs.claim("n:1") == first
    waiting = ring.start_waiting(behind, lambda v: v.claim("n:1"))

    ahead.commit()

    assert getattr(waiting.exception(), "sqlstate", None) == "JD004"
