"""One task: its last runs, its failures in a row, its usual time, and what starts it."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.expected import ask_expected
from pgdispatch.web.console.pages.finding import find
from pgdispatch.web.console.pages.job import chart_of
from pgdispatch.web.console.reading import ask

PATH = "/task/{task:int}"
TITLE = None
TEMPLATE = "task.html"
COMING = 8  # runs that are forecast


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return one task. Raises `NotFoundError`.

    Transaction: joins the caller's; reads only.
    """
    number = asked.number("task", 1) or 0
    found = find(connection, statements.TASK, "task", task=number)
    runs = ask(connection, statements.LAST_RUNS, task=number)
    return {
        "title": f"{found[0]['title']} · task {number}",
        "section": "Tasks",
        "is_expecting": True,
        "coming": ask_expected(connection, statements.TASK_FORECAST, task=number, most=COMING),
        "task": found[0],
        "found": found,
        "changes": ask(connection, statements.CHANGES, kind="task", name=str(number)),
        "runs": runs,
        "chart": chart_of(runs),
        "skipped": ask(connection, statements.TASK_SKIPPED, task=number),
    }
