"""The sites against their limits and budgets."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import following
from pgdispatch.web.console.reading import ask

PATH = "/sites"
TITLE = "Sites"
TEMPLATE = "sites.html"
MOST = 50


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return the sites by name.

    Transaction: joins the caller's; reads only.
    """
    after = asked.text("after", 100) or ""
    connection.execute(statements.BY_THE_INDEX)
    sites = ask(connection, statements.SITES, after=after, most=MOST + 1)
    return {
        "title": TITLE,
        "sites": sites,
        "most": MOST,
        "following": following(sites, MOST, "site"),
    }
