"""What waits, in the order of dispatch, from any place, and by site, type, reason and so on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from pgdispatch.errors import InvalidInputError
from pgdispatch.web.console import words
from pgdispatch.web.console.asked import Asked, cursor_of
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.expected import with_forecasts
from pgdispatch.web.console.reading import Rows, ask

PATH = "/queue"
TITLE = "Queue"
TEMPLATE = "queue.html"
MOST = 50
FILTERS = {"site": 100, "type": 100, "schedule": 200, "datasource": 500, "by": 100}

Link = psycopg.Connection[dict[str, Any]]


def read(connection: Link, asked: Asked, /) -> dict[str, object]:
    """Return a page of the queue, with what was looked at for it.

    Transaction: joins the caller's; reads only.
    """
    given: dict[str, Any] = {name: asked.text(name, most) for name, most in FILTERS.items()}
    given["task"] = asked.number("task", 1)
    given["why"] = asked.word("why", list(words.KINDS))
    after, before = place_of(asked, "after"), place_of(asked, "before")
    if after is not None and before is not None:
        raise InvalidInputError("a page lies behind a place or before one, not both")
    rows = ask(
        connection,
        statements.QUEUE_PAGE,
        most=MOST,
        after=after and Jsonb(after),
        before=before and Jsonb(before),
        kind=given["why"],
        **{name: given[name] for name in (*FILTERS, "task")},
    )
    shown, said = with_forecasts(connection, rows)
    return {
        "title": TITLE,
        "is_expecting": True,
        "rows": [row for row in shown if row["job"] is not None],
        "expected": said,
        "asked_for": rows,
        "given": {name: str(value) for name, value in given.items() if value is not None},
        "is_first": after is None and before is None,
        "kinds": list(words.KINDS),
        **_ends(rows),
    }


def place_of(asked: Asked, name: str) -> dict[str, Any] | None:
    """Return the place in the order that a cursor names. Raises `InvalidInputError`."""
    values = asked.cursor(name)
    if values is None:
        return None
    try:
        (text,) = values
        place = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        place = None
    if not isinstance(place, dict):
        raise InvalidInputError(
            f"{name} is no place in the queue", hint="begin with the first page"
        )
    return place


def place_in_query(place: Mapping[str, Any] | None) -> str | None:
    """Return the text by which a query names a place in the order."""
    return None if place is None else cursor_of([json.dumps(place)])


def _ends(rows: Rows) -> dict[str, object]:
    """Return where the pages before and behind begin, and how far was looked."""
    if not rows:
        return {"previous": None, "next": None, "looked_at": 0, "is_complete": True}
    first = rows[0]
    return {
        "previous": place_in_query(first["previous"]),
        "next": place_in_query(first["next"]),
        "looked_at": first["looked_at"],
        "is_complete": first["is_complete"],
    }
