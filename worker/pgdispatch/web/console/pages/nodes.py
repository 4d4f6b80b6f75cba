"""The nodes: what each is to run, and how it is."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import following
from pgdispatch.web.console.reading import Rows, ask

PATH = "/nodes"
TITLE = "Nodes"
TEMPLATE = "nodes.html"
MOST = 100


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return the nodes by name; nothing for those who are confined to sites.

    Transaction: joins the caller's; reads only.
    """
    after = asked.text("after", 63) or ""
    is_confined = asked.rights.sites is not None
    nodes = Rows() if is_confined else ask(connection, statements.NODES, after=after, most=MOST + 1)
    return {
        "title": TITLE,
        "is_confined": is_confined,
        "nodes": nodes,
        "after": after,
        "following": following(nodes, MOST, "name"),
    }
