"""What hurts: the checks of `pgdispatch doctor`, with what to do."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from pgdispatch.doctor import NOT_HERE, Finding, queries
from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.reading import Rows, ask

PATH = "/health"
TITLE = "Health"
TEMPLATE = "health.html"
LASTS = 60.0  # seconds that what was found is shown
PATIENCE = 300.0  # seconds from which a transaction is old, as doctor has it

Link = psycopg.Connection[dict[str, Any]]
kept: dict[object, tuple[float, dict[str, object]]] = {}  # what was found, by whom, and when


def read(connection: Link, asked: Asked, /) -> dict[str, object]:
    """Return what the checks find, as of a minute ago at most, as some of them read all there is.

    Nothing for those who are confined to sites.

    Transaction: joins the caller's; reads only.
    """
    if asked.rights.sites is not None:
        return {"title": TITLE, "is_confined": True}
    where = connection.info
    whose = (where.host, where.port, where.dbname, where.user, asked.rights)
    for known in [known for known, (at, _) in kept.items() if time.monotonic() - at > LASTS]:
        del kept[known]
    if whose not in kept:
        kept[whose] = (time.monotonic(), _examine(connection))
    return kept[whose][1]


def _examine(connection: Link) -> dict[str, object]:
    made: list[str] = []
    findings: list[Finding] = []
    skipped: dict[str, str] = {}
    texts: list[Rows] = []
    for name, text in queries():
        query = text.replace(":patience", _span(connection))
        try:
            findings += _ask(connection, name, query)
            made.append(name)
            texts.append(_text(query))
        except (*NOT_HERE, psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable) as error:
            skipped[name] = error.diag.message_primary or str(error)
    return {
        "title": TITLE,
        "is_confined": False,
        "findings": findings,
        "made": made,
        "hurting": {finding.check for finding in findings},
        "skipped": skipped,
        "texts": texts,
        "schema": ask(connection, statements.VERSION),
        "made_at": ask(connection, statements.NOW)[0]["now"],
    }


def _span(connection: Link) -> str:
    return sql.Literal(f"{PATIENCE} seconds").as_string(connection)


def _text(query: str) -> Rows:
    rows = Rows()
    rows.sql = query
    return rows


def _ask(connection: Link, name: str, query: str) -> list[Finding]:
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        return [Finding(name, *row) for row in cursor.execute(sql.SQL(query)).fetchall()]
