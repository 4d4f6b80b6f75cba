"""The job types: which goes first, how long and how often a job of each is tried."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.reading import ask

PATH = "/types"
TITLE = None
TEMPLATE = "types.html"


def read(connection: psycopg.Connection[dict[str, Any]], _: Asked, /) -> dict[str, object]:
    """Return the job types by rank.

    Transaction: joins the caller's; reads only.
    """
    return {
        "title": "Job types",
        "section": "Nodes",
        "types": ask(connection, statements.JOB_TYPES),
    }
