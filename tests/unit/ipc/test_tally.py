"""What a node counts: each end of an attempt once, and only what the history has."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pgdispatch.ipc.tally import BUCKETS, Ended, Spread, Tally


def ended(job: int = 1, outcome: str = "succeeded", **others: Any) -> Ended:
    """Return how a job ended."""
    return replace(Ended(job, "flow", outcome, None, 1.0, 2.0, []), **others)


def test_an_attempt_that_went_back_to_the_queue_is_pending_no_more_and_not_counted() -> None:
    """It is counted where the job ends."""
    tally = Tally(pending={(1, 1), (2, 1), (3, 1)})

    tally.end([(1, 1), (2, 1)], [ended(1)])

    assert tally.pending == {(3, 1)}
    assert tally.finished == {("flow", "succeeded", ""): 1}


def test_only_the_kinds_of_gate_that_there_are_become_labels() -> None:
    """A value that nobody foresaw would be another time series for ever."""
    tally = Tally()

    tally.end([], [ended(gates=["site", "datasource", "surprise"]), ended(gates=["site"])])

    assert tally.as_message()["parks"] == {"datasource": 1, "pause": 0, "schedule": 0, "site": 2}


def test_a_value_is_counted_in_the_first_bucket_that_is_not_below_it() -> None:
    """A bound belongs to its bucket, as Prometheus' `le` says; the last is for what is beyond."""
    spread = Spread()

    for value in (0.0, BUCKETS[0], BUCKETS[0] + 0.01, BUCKETS[-1] + 1):
        spread.add(value)

    assert spread.counts[:2] == [2, 1]
    assert spread.counts[-1] == 1
    assert sum(spread.counts) == 4
    assert spread.total == 2 * BUCKETS[0] + 0.01 + BUCKETS[-1] + 1


def test_a_message_survives_the_channel() -> None:
    """It is plain JSON, so that two messages of one tally are equal there and here."""
    tally = Tally(swept=3, lost=2)
    tally.started["flow"] = 5
    tally.end([], [ended(outcome="failed", failed_as="error")])

    message = tally.as_message()

    assert json.loads(json.dumps(message)) == message
    assert message["finished"] == [["flow", "failed", "error", 1]]
    assert (message["started"], message["swept"], message["lost"]) == ({"flow": 5}, 3, 2)
