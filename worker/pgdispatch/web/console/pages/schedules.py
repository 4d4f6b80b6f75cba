"""The schedules: when each runs next, with what priority, and what hangs on it."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import following
from pgdispatch.web.console.reading import ask

PATH = "/schedules"
TITLE = "Schedules"
TEMPLATE = "schedules.html"
MOST = 50


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return the schedules by name.

    Transaction: joins the caller's; reads only.
    """
    after = asked.text("after", 200) or ""
    schedules = ask(connection, statements.SCHEDULES, after=after, most=MOST + 1)
    return {
        "title": TITLE,
        "schedules": schedules,
        "after": after,
        "most": MOST,
        "following": following(schedules, MOST, "schedule"),
    }
