"""The calendars and the closed windows: what is free, and when nothing new starts."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import following
from pgdispatch.web.console.reading import ask

PATH = "/calendars"
TITLE = None
TEMPLATE = "calendars.html"
MOST = 50


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return the calendars by name, and the closed windows, those that are open first.

    Transaction: joins the caller's; reads only.
    """
    after = asked.text("after", 100) or ""
    calendars = ask(connection, statements.CALENDARS, after=after, most=MOST + 1)
    return {
        "title": "Calendars",
        "section": "Schedules",
        "calendars": calendars,
        "after": after,
        "windows": ask(connection, statements.WINDOWS, most=MOST),
        "most": MOST,
        "following": following(calendars, MOST, "calendar"),
    }
