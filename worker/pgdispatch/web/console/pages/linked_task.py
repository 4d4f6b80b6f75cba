"""One linked task: its steps, and its runs as a grid."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import find
from pgdispatch.web.console.reading import Rows, ask

PATH = "/linked/{linked:int}"
TITLE = None
TEMPLATE = "linked_task.html"


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return one linked task with its last twenty runs. Raises `NotFoundError`.

    Transaction: joins the caller's; reads only.
    """
    number = asked.number("linked", 1) or 0
    found = find(connection, statements.LINKED_TASK, "linked task", linked=number)
    runs = ask(connection, statements.LINKED_RUNS, linked=number)
    return {
        "title": f"{found[0]['title']} · linked task {number}",
        "section": "Tasks",
        "linked": found[0],
        "found": found,
        "changes": ask(connection, statements.CHANGES, kind="linked task", name=str(number)),
        "steps": ask(connection, statements.STEPS, linked=number),
        "runs": runs,
        "numbers": sorted({row["step"] for row in runs if row["step"] is not None}),
        "grid": grid_of(runs),
    }


def grid_of(runs: Rows) -> list[tuple[dict[str, Any], dict[int, dict[str, Any]]]]:
    """Return each run, newest first, with its steps by number; a run that was skipped has none."""
    grid: dict[int, tuple[dict[str, Any], dict[int, dict[str, Any]]]] = {}
    for row in runs:
        _, steps = grid.setdefault(row["run"], (row, {}))
        if row["step"] is not None:
            steps[row["step"]] = row
    return list(grid.values())
