"""Cancel: a waiting job ends at once, a running one is asked; who and why are recorded."""

from __future__ import annotations

import psycopg
import pytest

from support.sessions.clock import Clock
from support.sessions.verbs import Claimed, Verbs


def test_cancel_ends_a_waiting_job_at_once(verbs: Verbs, clock: Clock) -> None:
    """With who, why and when."""
    job = verbs.job()

    assert verbs.cancel(job, "not needed") == "cancelled"
    past = verbs.past(job)
    assert (past["outcome"], past["cancelled_by"]) == ("cancelled", "tester")
    assert (past["cancel_reason"], past["ended_at"]) == ("not needed", clock.now)
    assert (past["attempt"], past["started_at"]) == (0, None)


def test_cancel_asks_a_running_job_to_stop(verbs: Verbs, clock: Clock) -> None:
    """It runs on until its backgrounder says otherwise; its node is told."""
    verbs.run("listen pgdispatch")
    job = verbs.job()
    verbs.claim("etl:1")

    assert verbs.cancel(job) == "requested"
    assert verbs.state(job) == "running"
    assert verbs.column(job, "cancel_requested_at") == clock.now
    told = [notify.payload for notify in verbs.connection.notifies(timeout=5, stop_after=1)]
    assert told == ["node:etl"]


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [("finish", "succeeded"), ("fail", "cancelled"), ("requeue", "cancelled")],
)
def test_end_of_a_job_that_was_asked_to_stop(verbs: Verbs, ending: str, outcome: str) -> None:
    """Who succeeds has succeeded; who fails or comes back was cancelled."""
    job = verbs.job()
    verbs.claim()
    verbs.cancel(job)

    getattr(verbs, ending)(job)

    assert verbs.state(job) == outcome


def test_second_cancel_keeps_the_first_ones_word(verbs: Verbs, clock: Clock) -> None:
    """The first who asked stays on record."""
    job = verbs.job()
    verbs.claim()
    verbs.cancel(job, "first")
    clock.advance(5)

    assert verbs.cancel(job, "second") == "requested"
    assert verbs.column(job, "cancel_reason") == "first"
    assert verbs.column(job, "cancel_requested_at") < clock.now


def test_cancel_of_an_ended_job_is_refused(verbs: Verbs) -> None:
    """Saying how it ended."""
    job = verbs.job()
    verbs.drain()

    with pytest.raises(psycopg.Error, match=f"job {job} cannot be cancelled: it has succ") as error:
        verbs.cancel(job)

    assert error.value.sqlstate == "JD004"


def test_cancel_of_an_unknown_job_is_refused(verbs: Verbs) -> None:
    """SQLSTATE JD002."""
    with pytest.raises(psycopg.Error, match="job 4711 does not exist") as error:
        verbs.cancel(4711)

    assert error.value.sqlstate == "JD002"


def test_cancelled_job_that_was_woken_for_a_gate_wakes_the_next(verbs: Verbs) -> None:
    """Else the gate had room and nobody to take it."""
    holder, woken, next_one = (verbs.job(datasource="sales") for _ in range(3))
    verbs.claim("n:1")
    assert verbs.claim("n:2") is None
    verbs.finish(holder)
    assert verbs.column(woken, "state") == "ready"

    verbs.cancel(woken)

    assert verbs.ask("n:1") == Claimed("run", next_one, 1)
    assert verbs.sweep() == 0


def test_cancelled_parked_job_leaves_the_others_parked(verbs: Verbs) -> None:
    """Its gate is as full as before."""
    _, parked, other = (verbs.job(datasource="sales") for _ in range(3))
    verbs.claim("n:1")
    assert verbs.claim("n:2") is None

    verbs.cancel(parked)

    assert verbs.column(other, "state") == "parked"
