"""One site: what it runs, what waits for room, its limit, its budget and their settings."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import find
from pgdispatch.web.console.reading import ask

PATH = "/site/{site}"
TITLE = None
TEMPLATE = "site.html"


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return one site. Raises `NotFoundError`, for another site of somebody confined as well.

    Transaction: joins the caller's; reads only.
    """
    name = asked.text("site", 100) or ""
    found = find(connection, statements.SITE, "site", site=name)
    return {
        "title": f"Site {name}",
        "section": "Sites",
        "site": found[0],
        "found": found,
        "changes": ask(connection, statements.CHANGES, kind="site", name=name),
        "running": ask(connection, statements.SITE_RUNNING, site=name),
        "pause": ask(connection, statements.PAUSE, scope="site", name=name),
        "overflow": ask(connection, statements.SITE_OVERFLOW, site=name),
    }
