"""The generations of ready jobs, step by step."""

from __future__ import annotations

from typing import Any

from support.sessions.verbs import Verbs

LAST = "select * from pgdispatch.generation order by id desc limit 1"


def last(verbs: Verbs) -> dict[str, Any]:
    """Return the row that counts."""
    return verbs.row(LAST)


def step_to(verbs: Verbs, step: str, *, older: bool) -> dict[str, Any]:
    """Take steps until the last row is at `step`, with an older generation or without."""
    for _ in range(10):
        row = last(verbs)
        if row["step"] == step and (row["older"] is not None) == older:
            return row
        verbs.tend()
    raise AssertionError(f"never came to {step}: {row}")
