"""Why a job was late: what why_late says, drawn and summed up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pgdispatch.web.console.pages import lateness

BEGUN = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)


def row(
    kind: str, start: float, end: float, job: int | None = None, part: int = 1
) -> dict[str, Any]:
    """Return a row of why_late, in minutes; `job` has one of so many parts of the span."""
    return {
        "from_at": BEGUN + timedelta(minutes=start), "to_at": BEGUN + timedelta(minutes=end),
        "seconds": (end - start) * 60 / part, "kind": kind, "reason": kind, "behind_job": job,
        "behind_title": job and f"job {job}",
    }  # fmt: skip


ROWS = (
    row("datasource", 0, 5, 7),
    row("no backgrounder", 5, 8, 7, 2),
    row("no backgrounder", 5, 8, 8, 2),
    row("datasource", 8, 10, 9),
)


def test_each_span_is_told_once_whoever_was_in_the_way() -> None:
    """In order, and summed up by reason."""
    wait = lateness.wait_of({"scheduled_at": BEGUN}, ROWS)
    assert wait is not None
    stretches = lateness.stretches_of(ROWS)

    sums = lateness.sums_of(stretches, wait)

    assert [one.cause for one in stretches] == ["datasource", "no backgrounder", "datasource"]
    assert [(kind, length, round(part)) for kind, _, length, part in sums] == [
        ("datasource", timedelta(minutes=7), 70), ("no backgrounder", timedelta(minutes=3), 30),
    ]  # fmt: skip
    assert sum(rect.width for rect in lateness.bar_of(stretches, wait)) > 99


def test_who_was_in_the_way_most_comes_first() -> None:
    """By reason."""
    told = [
        (one["kind"], one["job"], one["behind"].total_seconds() / 60)
        for one in lateness.blockers_of(ROWS)
    ]

    assert told == [
        ("datasource", 7, 5), ("datasource", 9, 2), ("no backgrounder", 7, 1.5),
        ("no backgrounder", 8, 1.5),
    ]  # fmt: skip


def test_less_than_a_second_is_no_wait() -> None:
    """Nor is nothing at all."""
    assert lateness.wait_of({"scheduled_at": None}, []) is None
    assert lateness.wait_of({"scheduled_at": None}, [row("claim", 0, 0.01)]) is None
