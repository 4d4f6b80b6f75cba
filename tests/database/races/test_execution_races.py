"""A schedule is made serial, or parallel, while others insert, claim and finish."""

from __future__ import annotations

import pytest

from support.nodes.processes import wait_until
from support.sessions.pauses import block, let_go, pause_in, stop_at
from support.sessions.ring import Ring
from support.sessions.verbs import Claimed, Verbs


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


def test_job_whose_insert_was_under_way_when_its_schedule_became_serial_is_serial(
    ring: Ring, verbs: Verbs
) -> None:
    """It saw the schedule parallel."""
    verbs.schedule("nightly")
    first = verbs.job(schedule="nightly")
    inserting = ring.session(begin=True)
    late = inserting.verbs.job(schedule="nightly")
    verbs.execution("nightly", "serial")
    assert verbs.claim("n:1") == first

    inserting.commit()

    assert verbs.claim("n:2") is None
    assert verbs.finish(first, claim=True) == Claimed("run", late, 1)


def test_job_whose_insert_was_under_way_when_its_schedule_became_parallel_is_parallel(
    ring: Ring, verbs: Verbs
) -> None:
    """It saw the schedule serial."""
    verbs.schedule("nightly", "serial")
    first = verbs.job(schedule="nightly")
    inserting = ring.session(begin=True)
    late = inserting.verbs.job(schedule="nightly")
    verbs.execution("nightly", "parallel")
    assert verbs.claim("n:1") == first

    inserting.commit()

    assert verbs.claim("n:2") == late


@pytest.mark.parametrize("execution", ["serial", "parallel"])
def test_change_of_execution_in_an_open_transaction_holds_up_nobody(
    ring: Ring, verbs: Verbs, execution: str
) -> None:
    """And changes nothing before its commit."""
    verbs.schedule("nightly", "parallel" if execution == "serial" else "serial")
    jobs = [verbs.job(schedule="nightly") for _ in range(2)]
    person = ring.session(begin=True)
    person.verbs.execution("nightly", execution)
    started = [verbs.claim("n:1"), verbs.claim("n:2")]

    person.commit()

    assert started == ([jobs[0], None] if execution == "parallel" else jobs)
    assert verbs.claim("n:3") == (jobs[1] if execution == "parallel" else None)


def test_serial_job_does_not_start_beside_one_that_a_claim_is_starting_as_parallel(
    ring: Ring, verbs: Verbs
) -> None:
    """That claim has not committed, so its job does not look as if it ran."""
    verbs.schedule("nightly")
    first, second = (verbs.job(schedule="nightly") for _ in range(2))
    ahead, behind = ring.session(begin=True), ring.session()
    assert ahead.verbs.claim("n:1") == first
    verbs.execution("nightly", "serial")
    waiting = ring.start_waiting(behind, lambda v: v.claim("n:2"))

    ahead.commit()

    assert waiting.result() is None
    assert verbs.finish(first, claim=True) == Claimed("run", second, 1)


def test_claim_that_saw_the_schedule_parallel_starts_no_job_of_it_once_it_is_serial(
    ring: Ring, verbs: Verbs
) -> None:
    """It was about to; now it asks again, and finds the gate full."""
    verbs.schedule("nightly")
    first, second = (verbs.job(schedule="nightly") for _ in range(2))
    verbs.job(priority=100)
    assert verbs.claim("n:1") == first
    pause_in(verbs, "is_as_seen", "p_schedule text, p_gates text[]", "boolean")
    claiming, guard = ring.session(), block(ring)
    stop_at(claiming, "is_as_seen")
    asking = ring.start_waiting(claiming, lambda v: v.ask("n:2"))
    verbs.execution("nightly", "serial")

    let_go(guard)

    told = asking.result()
    assert told is not None
    assert told.verdict == "again"
    assert verbs.column(second, "state") == "ready"


def test_schedule_made_parallel_wakes_the_job_that_is_just_being_parked(
    ring: Ring, verbs: Verbs
) -> None:
    """The change waits for the claim, and then sees what it parked."""
    verbs.schedule("nightly", "serial")
    _, parked = (verbs.job(schedule="nightly") for _ in range(2))
    assert verbs.claim("n:1") is not None
    claiming, person = ring.session(begin=True), ring.session()
    assert claiming.verbs.claim("n:2") is None
    waiting = ring.start_waiting(person, lambda v: v.execution("nightly", "parallel"))

    claiming.commit()
    waiting.result()

    assert verbs.claim("n:2") == parked
    assert verbs.sweep() == 0


@pytest.mark.parametrize("execution", ["serial", "parallel"])
def test_finish_beside_a_change_of_execution_leaves_nobody_behind(
    ring: Ring, verbs: Verbs, execution: str
) -> None:
    """Whichever comes first."""
    verbs.schedule("nightly", "parallel" if execution == "serial" else "serial")
    jobs = [verbs.job(schedule="nightly") for _ in range(3)]
    assert verbs.claim("n:1") == jobs[0]
    if execution == "parallel":
        assert verbs.claim("n:2") is None
    finishing, person = ring.session(begin=True), ring.session()
    finishing.verbs.finish(jobs[0])
    changing = person.start(lambda v: v.execution("nightly", execution))
    wait_until(lambda: changing.done() or ring.is_waiting(person))

    finishing.commit()
    changing.result()

    started = [verbs.claim("n:1"), verbs.claim("n:2")]
    assert started == (jobs[1:] if execution == "parallel" else [jobs[1], None])
    assert verbs.sweep() == 0


def test_linked_task_is_refused_on_a_schedule_that_is_just_being_made_serial(
    ring: Ring, verbs: Verbs
) -> None:
    """It waits for the change and sees it."""
    verbs.schedule("nightly")
    person, adding = ring.session(begin=True), ring.session()
    person.verbs.execution("nightly", "serial")
    waiting = ring.start_waiting(
        adding, lambda v: v.add("linked_task", title="a chain", schedule="nightly")
    )

    person.commit()

    assert getattr(waiting.exception(), "sqlstate", None) == "JD001"
