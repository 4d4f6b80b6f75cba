"""The seven criteria of the order, for two neighbours: the first difference decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pgdispatch.web.console import words
from pgdispatch.web.console.pages import ladder

NOW = datetime(2026, 11, 30, 20, 36, tzinfo=UTC)
JOB: dict[str, Any] = {
    "id": 5, "precedence": 1, "priority": 35, "queued_at": NOW, "scheduled_at": NOW,
    "type": "full_extract", "type_rank": 6, "usual_seconds": 1200.0, "tie_first": 1200.0,
    "tie_second": (NOW - timedelta(days=2)).timestamp(),
}  # fmt: skip


def rungs(tie_break: str = "history", **other: Any) -> tuple[ladder.Rung, ...]:
    """Return the ladder of a job against another that differs in some columns."""
    return ladder.ladder(JOB, {**JOB, "id": 4, **other}, tie_break=tie_break, zone="UTC", now=NOW)


@pytest.mark.parametrize(
    ("other", "decides"),
    [
        ({}, "job id"),
        ({"tie_second": 0.0}, "created"),
        ({"tie_first": 600.0, "usual_seconds": 600.0}, "run time"),
        ({"type_rank": 0}, "job type"),
        ({"queued_at": NOW - timedelta(minutes=1)}, "scheduled time"),
        ({"priority": 1, "tie_first": 5.0}, "priority"),
        ({"precedence": 0, "priority": 0}, "run now"),
    ],
)
def test_the_first_difference_decides(other: dict[str, Any], decides: str) -> None:
    """What is before it is equal, what is behind it is not needed."""
    found = rungs(**other)
    place = [rung.result for rung in found].index("decides")

    assert ladder.deciding(found) == decides
    assert {rung.result for rung in found[:place]} <= {"equal"}
    assert {rung.result for rung in found[place + 1 :]} <= {"not needed"}


def test_jobs_that_no_schedule_made_compare_by_when_they_were_added() -> None:
    """And what they do not compare by is a dash."""
    bare = {**JOB, "scheduled_at": None, "type_rank": -1, "tie_first": 0.0, "tie_second": 0.0}
    found = ladder.ladder(bare, {**bare, "id": 4}, tie_break="history", zone="UTC", now=NOW)

    said = {rung.criterion: rung.mine for rung in found}
    assert "Queue order" in said
    assert [said[name] for name in ("Job type", "Run time", "Created")] == [words.NOTHING] * 3


def test_the_setting_swaps_the_two_ties() -> None:
    """Their values go with them."""
    found = rungs("created")

    assert [rung.criterion for rung in found[4:6]] == ["Created", "Run time"]
    assert {rung.criterion: rung.mine for rung in found}["Run time"] == "20 min"


def test_values_are_in_words() -> None:
    """Of both jobs."""
    found = {rung.criterion: (rung.mine, rung.other) for rung in rungs(usual_seconds=None)}

    assert found["Run now"] == ("no", "no")
    assert found["Job type"] == ("6 · full extract", "6 · full extract")
    assert found["Run time"] == ("20 min", "not known")
    assert found["Created"][0] == "2026-11-28 20:36"
    assert found["Job id"] == ("5", "4")
