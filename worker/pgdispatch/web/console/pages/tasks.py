"""The tasks: how each is doing, by site, schedule and type."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import all_of, following
from pgdispatch.web.console.reading import ask

PATH = "/tasks"
TITLE = "Tasks"
TEMPLATE = "tasks.html"
MOST = 50


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return the tasks by number, those that fit the query.

    Transaction: joins the caller's; reads only.
    """
    given: dict[str, Any] = {
        "after": asked.number("after"),
        "site": asked.text("site", 100),
        "schedule": asked.text("schedule", 200),
        "type": asked.text("type", 100),
    }
    given = {name: value for name, value in given.items() if value is not None}
    condition = all_of(statements.TASK_CONDITIONS, given)
    statement = statements.TASKS.replace("{condition}", condition)
    tasks = ask(connection, statement, **given, most=MOST + 1)
    filters = {name: str(value) for name, value in given.items() if name != "after"}
    return {
        "title": TITLE,
        "tasks": tasks,
        "given": filters,
        "most": MOST,
        "following": following(tasks, MOST, "task"),
    }
