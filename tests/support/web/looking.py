"""Pages read without HTTP: what `read` returns, and what was asked of the database for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.abc import Params, Query
from psycopg.rows import dict_row

from pgdispatch.web.console.asked import Asked, Rights
from pgdispatch.web.console.page import Page

EVERYTHING = Rights(sees_all=True)


class Listening(psycopg.Connection[dict[str, Any]]):
    """A connection that keeps the statements that went over it."""

    said: list[str]

    def execute(self, query: Query, params: Params | None = None, **options: Any) -> Any:
        """Note the statement, then execute it."""
        text = query.as_string(self) if isinstance(query, psycopg.sql.Composable) else str(query)
        self.said = [*getattr(self, "said", []), text]
        return super().execute(text.encode(), params, **options)


def listen(dsn: str) -> Listening:
    """Return a connection that keeps its statements."""
    return Listening.connect(dsn, autocommit=True, row_factory=dict_row)


def look(
    connection: psycopg.Connection[dict[str, Any]],
    page: Page,
    path: Mapping[str, object] | None = None,
    /,
    *,
    rights_: Rights = EVERYTHING,
    **query: object,
) -> dict[str, Any]:
    """Return what a page reads for somebody who sees everything, or who has other rights.

    Transaction: one of its own, which sees one snapshot.
    """
    parts = {name: str(value) for name, value in (path or {}).items()}
    words = {name.rstrip("_"): str(value) for name, value in query.items()}
    with connection.transaction():
        return page.read(connection, Asked(parts, words, rights_, "UTC"))
