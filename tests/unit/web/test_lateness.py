"""Why a job was late: from the runs that overlap its wait, and no more than they tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pgdispatch.web.console.pages import lateness

BEGUN = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Return so many minutes after the scheduled time."""
    return BEGUN + timedelta(minutes=minutes)


def ended(**columns: Any) -> dict[str, Any]:
    """Return a row of the history that was scheduled at 20:00 and started at 20:08."""
    return {
        "scheduled_at": at(0), "created_at": at(0), "first_started_at": at(8), "not_before": None,
        "failures": 0, "losses": 0, "parked_gates": [], **columns,
    }  # fmt: skip


def holder(start: float, end: float, *, is_datasource: bool = True) -> dict[str, Any]:
    """Return a run that was in the way."""
    return {
        "job": 7, "title": "Stock", "type": "flow", "started_at": at(start), "ended_at": at(end),
        "is_datasource": is_datasource,
    }  # fmt: skip


def told(row: dict[str, Any], *holders: dict[str, Any]) -> list[tuple[str, float, float]]:
    """Return what held a job, in minutes."""
    wait = lateness.wait_of(row)
    assert wait is not None
    return [
        (one.cause, (one.from_at - BEGUN).total_seconds() / 60,
         (one.to_at - BEGUN).total_seconds() / 60)
        for one in lateness.stretches_of(row, wait, holders)
    ]  # fmt: skip


def test_a_busy_datasource_held_it_until_that_run_ended() -> None:
    """From when it could have started."""
    assert told(ended(), holder(-5, 7)) == [("datasource", 0, 7)]


def test_runs_one_after_another_are_told_apart() -> None:
    """And what lies between them is not made up."""
    row = ended()

    assert told(row, holder(3, 5), holder(-2, 2), holder(6, 8, is_datasource=False)) == [
        ("datasource", 0, 2), ("datasource", 3, 5), ("schedule", 6, 8),
    ]  # fmt: skip


def test_what_was_added_late_was_not_held_before() -> None:
    """A missed run that was made up for."""
    assert told(ended(created_at=at(6)), holder(-5, 7)) == [("late", 0, 6), ("datasource", 6, 7)]


def test_a_job_waits_for_its_time_before_its_gates() -> None:
    """But not if that is when it was tried again."""
    assert told(ended(not_before=at(4))) == [("time", 0, 4)]
    assert told(ended(not_before=at(4), failures=1)) == []


def test_a_job_that_never_started_did_not_start_late() -> None:
    """It was cancelled, say."""
    assert lateness.wait_of(ended(first_started_at=None)) is None


@given(
    st.lists(
        st.tuples(st.floats(-20, 20), st.floats(0, 20), st.booleans()).map(
            lambda drawn: holder(drawn[0], drawn[0] + drawn[1], is_datasource=drawn[2])
        ),
        max_size=12,
    ),
    st.floats(0, 10),
)
def test_stretches_lie_within_the_wait_and_apart(
    holders: list[dict[str, Any]], created: float
) -> None:
    """Whatever overlaps it: together they are no longer than it."""
    row = ended(created_at=at(created))
    wait = lateness.wait_of(row)
    assert wait is not None
    found = lateness.stretches_of(row, wait, holders)

    assert all(wait.from_at <= one.from_at < one.to_at <= wait.to_at for one in found)
    assert all(one.to_at <= after.from_at for one, after in pairwise(found))
    assert sum(part for *_, part in lateness.sums_of(found, wait)) <= 100.01


def test_what_is_not_kept_is_said_to_be_so() -> None:
    """In one sentence, by what it could have been."""
    rest = timedelta(minutes=3)

    assert lateness.what_is_not_known(ended(), timedelta()) is None
    assert "3 min are not told: it waited for its turn" in str(
        lateness.what_is_not_known(ended(), rest)
    )
    assert "its site's limit or budget" in str(
        lateness.what_is_not_known(ended(parked_gates=["site/acme"]), rest)
    )
    assert "2 attempts had failed or been lost" in str(
        lateness.what_is_not_known(ended(failures=1, losses=1), rest)
    )
