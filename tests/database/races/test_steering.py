"""People who cancel and reorder while others claim and finish."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.sessions.ring import Ring
from support.sessions.verbs import Claimed, Verbs

Act = Callable[[Verbs, int], object]
ACTS: dict[str, Act] = {
    "cancel": lambda verbs, job: verbs.cancel(job),
    "set_priority": lambda verbs, job: verbs.set_priority(job, 100),
}
MOVED = ["commit", "rollback"]


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


@pytest.mark.parametrize("end", MOVED)
def test_cancel_beside_a_claim_waits_for_it(ring: Ring, verbs: Verbs, end: str) -> None:
    """Then the job runs and is asked to stop, or it still waits and ends."""
    job = verbs.job()
    claiming, cancelling = ring.session(begin=True), ring.session()
    claiming.verbs.claim("n:1")
    waiting = ring.start_waiting(cancelling, lambda v: v.cancel(job))

    getattr(claiming, end)()

    assert waiting.result() == ("requested" if end == "commit" else "cancelled")


@pytest.mark.parametrize("end", MOVED)
def test_cancel_beside_a_finish_waits_for_it(ring: Ring, verbs: Verbs, end: str) -> None:
    """Then it is too late (JD004), or the job still runs."""
    job = verbs.job()
    verbs.claim("n:1")
    finishing, cancelling = ring.session(begin=True), ring.session()
    finishing.verbs.finish(job)
    waiting = ring.start_waiting(cancelling, lambda v: v.cancel(job))

    getattr(finishing, end)()

    if end == "commit":
        assert getattr(waiting.exception(), "sqlstate", None) == "JD004"
    else:
        assert waiting.result() == "requested"


@pytest.mark.parametrize("end", MOVED)
def test_set_priority_beside_a_claim_waits_for_it(ring: Ring, verbs: Verbs, end: str) -> None:
    """Then the job runs and has no place (JD004), or it moves."""
    job = verbs.job()
    claiming, moving = ring.session(begin=True), ring.session()
    claiming.verbs.claim("n:1")
    waiting = ring.start_waiting(moving, lambda v: v.set_priority(job, 3))

    getattr(claiming, end)()

    if end == "commit":
        assert getattr(waiting.exception(), "sqlstate", None) == "JD004"
    else:
        waiting.result()
        assert verbs.column(job, "priority") == 3


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_claim_does_not_wait_for_a_person(ring: Ring, verbs: Verbs, act: Act) -> None:
    """It takes the next job meanwhile."""
    held, free = verbs.job(), verbs.job()
    person = ring.session(begin=True)
    act(person.verbs, held)

    assert verbs.claim("n:1") == free


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_person_who_holds_a_job_does_not_stop_the_next_at_its_gate(
    ring: Ring, verbs: Verbs, act: Act
) -> None:
    """Nor is anybody told to ask again for as long as the person thinks."""
    held, behind = (verbs.job(datasource="sales") for _ in range(2))
    person = ring.session(begin=True)
    act(person.verbs, held)

    assert verbs.ask("n:1") == Claimed("run", behind, 1)


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_rolled_back_change_leaves_everything_as_it_was(ring: Ring, verbs: Verbs, act: Act) -> None:
    """The woken job is woken still, and those behind it get their turn."""
    running, woken, behind = (verbs.job(datasource="sales") for _ in range(3))
    verbs.claim("n:1")
    assert verbs.claim("n:2") is None
    verbs.finish(running)
    person = ring.session(begin=True)
    act(person.verbs, woken)

    person.rollback()

    assert verbs.drain() == [woken, behind]
    assert verbs.sweep() == 0


@pytest.mark.parametrize("end", MOVED)
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_release_passes_by_a_parked_job_that_a_person_holds(
    ring: Ring, verbs: Verbs, act: Act, end: str
) -> None:
    """It wakes the next one at that gate; the held one has its turn later."""
    running, held, behind = (verbs.job(datasource="sales") for _ in range(3))
    verbs.claim("n:1")
    assert verbs.claim("n:2") is None
    person = ring.session(begin=True)
    act(person.verbs, held)

    got = verbs.finish(running, claim=True)
    getattr(person, end)()

    assert got == Claimed("run", behind, 1)
    verbs.finish(behind)
    verbs.drain()
    assert verbs.value("select count(*) from pgdispatch.job") == 0
    assert verbs.sweep() == 0


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_sweep_wakes_the_only_parked_job_if_a_person_held_it_at_the_release(
    ring: Ring, verbs: Verbs, act: Act
) -> None:
    """The one case for which there is a sweep: a release never waits for a person."""
    running, held = (verbs.job(datasource="sales") for _ in range(2))
    verbs.claim("n:1")
    assert verbs.claim("n:2") is None
    person = ring.session(begin=True)
    act(person.verbs, held)
    assert verbs.finish(running, claim=True) is None
    person.rollback()
    assert verbs.claim("n:1") is None

    assert verbs.sweep() == 1
    assert verbs.claim("n:1") == held
    assert verbs.values("select job from pgdispatch.swept_job") == [held]


def test_sweep_is_not_kept_from_its_work_by_a_job_that_nobody_takes(
    ring: Ring, verbs: Verbs
) -> None:
    """A job that stays ready for ever is no sign that somebody will come."""
    verbs.register("few", types=["alert"])
    running, held = (verbs.job("alert", datasource="sales") for _ in range(2))
    verbs.job("flow", priority=1)
    verbs.claim("few:1", ["alert"])
    assert verbs.claim("few:2", ["alert"]) is None
    person = ring.session(begin=True)
    person.verbs.cancel(held)
    verbs.finish(running)
    person.rollback()

    assert verbs.sweep() == 1
    assert verbs.claim("few:1", ["alert"]) == held
