"""One node: its processes, how many there are to be, what it takes, whether it is drained."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch.errors import NotFoundError
from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import find
from pgdispatch.web.console.reading import ask

PATH = "/node/{node}"
TITLE = None
TEMPLATE = "node.html"


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return one node. Raises `NotFoundError`, for those who are confined to sites as well.

    Transaction: joins the caller's; reads only.
    """
    name = asked.text("node", 63) or ""
    if asked.rights.sites is not None:
        raise NotFoundError("nodes belong to all sites", hint="ask an operator")
    found = find(connection, statements.NODE, "node", node=name)
    return {
        "title": f"Node {name}",
        "section": "Nodes",
        "node": found[0],
        "found": found,
        "changes": ask(connection, statements.CHANGES, kind="node", name=name),
        "processes": ask(connection, statements.NODE_PROCESSES, node=name),
        "types": [row["name"] for row in ask(connection, statements.TYPES)],
    }
