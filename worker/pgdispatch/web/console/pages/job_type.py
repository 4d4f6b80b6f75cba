"""One job type: its rank, what its jobs may take, and whether it is paused."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import find
from pgdispatch.web.console.reading import ask

PATH = "/type/{type}"
TITLE = None
TEMPLATE = "type.html"


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return one job type. Raises `NotFoundError`.

    Transaction: joins the caller's; reads only.
    """
    name = asked.text("type", 63) or ""
    found = find(connection, statements.JOB_TYPE, "job type", type=name)
    return {
        "title": f"Job type {name}",
        "section": "Nodes",
        "type": found[0],
        "found": found,
        "changes": ask(connection, statements.CHANGES, kind="job type", name=name),
        "pause": ask(connection, statements.PAUSE, scope="type", name=name),
    }
