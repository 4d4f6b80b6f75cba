"""What a handler says shall become of its job: fail for good, try again after a while, not yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

MINUTE = timedelta(minutes=1)


def end(verbs: Verbs, job: int, outcome: str, result: str | None = None) -> None:
    """End the running attempt at a job."""
    attempt = verbs.value("select attempt from pgdispatch.job where id = %s", job)
    said: dict[str, Any] = {} if result is None else {"results": [result]}
    assert verbs.turn([], [(job, attempt, outcome)], errors=["kind: text"], **said) == []


def waiting(verbs: Verbs, job: int) -> dict[str, Any]:
    """Return the row of a job that is back in the queue."""
    return verbs.row("select * from pgdispatch.job where id = %s", job)


@pytest.mark.parametrize("by", ["turn", "fail"])
def test_a_job_that_fails_for_good_is_not_tried_again(verbs: Verbs, by: str) -> None:
    """Whatever it may have left; in the history it is an error as any."""
    job = verbs.job(max_attempts=9)
    verbs.claim()

    if by == "turn":
        end(verbs, job, "failed")
    else:
        verbs.run("select pgdispatch.fail(%s, 1, 'kind: text', 'failed')", job)

    past = verbs.past(job)
    assert (past["outcome"], past["failed_as"], past["error"]) == ("failed", "error", "kind: text")
    assert (past["attempt"], past["failures"], past["result"]) == (1, 1, None)


def test_a_retry_waits_as_long_as_its_handler_says_until_no_attempt_is_left(
    verbs: Verbs, clock: Clock
) -> None:
    """It is a failure; the delay is no result."""
    job = verbs.job(max_attempts=2)
    verbs.claim()
    end(verbs, job, "retry", "60")

    row = waiting(verbs, job)
    assert (row["state"], row["failures"], row["last_error"]) == ("delayed", 1, "kind: text")
    assert row["not_before"] == clock.now + MINUTE
    clock.advance(59)
    assert verbs.claim() is None
    clock.advance(1)
    assert verbs.claim() == job
    end(verbs, job, "retry", "60")

    past = verbs.past(job)
    assert (past["outcome"], past["failed_as"], past["result"]) == ("failed", "error", None)
    kept = verbs.row("select ended_as, error, not_before from pgdispatch.attempt")
    assert (kept["ended_as"], kept["error"]) == ("error", "kind: text")
    assert kept["not_before"] == row["not_before"]


def test_a_job_that_snoozes_has_not_failed_however_often(verbs: Verbs, clock: Clock) -> None:
    """Its gate is free meanwhile; a success or a cancel ends it."""
    job, other = verbs.job(datasource="sales"), verbs.job(datasource="sales")
    verbs.claim()
    for number in range(1, 4):
        end(verbs, job, "snoozed", "60")
        row = waiting(verbs, job)
        assert (row["state"], row["attempt"], row["failures"]) == ("delayed", number, 0)
        assert (row["not_before"], row["last_error"]) == (clock.now + MINUTE, None)
        if number == 1:
            assert verbs.claim() == other
            verbs.finish(other)
        clock.advance(60)
        assert verbs.claim() == job
    verbs.cancel(job)
    end(verbs, job, "snoozed", "60")

    assert verbs.past(job)["outcome"] == "cancelled"
    assert verbs.values("select distinct ended_as from pgdispatch.attempt") == ["snoozed"]


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ("0", timedelta()),
        ("-5", timedelta()),
        ("1e400", timedelta(days=366)),
        ("0.5", timedelta(seconds=0.5)),
    ],
)
def test_a_delay_is_within_bounds(verbs: Verbs, clock: Clock, said: str, waits: timedelta) -> None:
    """Whoever says it; what is none is drawn as after any failure."""
    job, odd = verbs.job(max_attempts=2), verbs.job(max_attempts=2)
    verbs.turn([1, 2])

    end(verbs, job, "retry", said)
    end(verbs, odd, "retry", '"soon"')

    row = waiting(verbs, job)
    assert row["not_before"] == clock.now + waits
    assert (row["state"] == "ready") == (not waits)
    assert waiting(verbs, odd)["not_before"] > clock.now
