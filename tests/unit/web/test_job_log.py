"""The log of a job on its page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pgdispatch.web.console.pages.job import log_of

AT = datetime(2031, 1, 1, 22, 59, 59, 5000, tzinfo=UTC)


def test_a_log_names_its_attempts_its_days_and_what_was_left_out() -> None:
    """Its first line may be any: only the last ones are read."""
    rows: list[dict[str, Any]] = [
        {"attempt": 1, "line": 7, "logged_at": AT, "text": "a"},
        {"attempt": 1, "line": 9, "logged_at": AT.replace(hour=23), "text": "b"},
        {"attempt": 2, "line": 1, "logged_at": None, "text": "c"},
    ]

    assert log_of(rows, "Europe/Berlin").splitlines() == [
        "attempt 1, times in Europe/Berlin",
        "2031-01-01",
        "23:59:59.005 a",
        "2031-01-02",
        "… 1 lines left out",
        "00:59:59.005 b",
        "attempt 2, times in Europe/Berlin",
        "             c",
    ]
