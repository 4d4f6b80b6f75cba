"""The linked tasks: flows that run one after another."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import following
from pgdispatch.web.console.reading import ask

PATH = "/linked"
TITLE = None
TEMPLATE = "linked_tasks.html"
MOST = 50


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return the linked tasks by number.

    Transaction: joins the caller's; reads only.
    """
    after = asked.number("after") or 0
    linked = ask(connection, statements.LINKED_TASKS, after=after, most=MOST + 1)
    return {
        "title": "Linked tasks",
        "section": "Tasks",
        "linked": linked,
        "most": MOST,
        "following": following(linked, MOST, "id"),
    }
