"""What pages of one thing, and pages that list things, have in common."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

import psycopg

from pgdispatch.errors import NotFoundError
from pgdispatch.web.console.reading import Rows, ask


def find(
    connection: psycopg.Connection[dict[str, Any]], statement: str, kind: str, /, **key: Any
) -> Rows:
    """Return the rows of a statement about one thing, which `kind` names and `key` tells.

    Raises `NotFoundError` if there is none.

    Transaction: joins the caller's; reads only.
    """
    found = ask(connection, statement, **key)
    if not found:
        (value,) = key.values()
        raise NotFoundError(f"there is no {kind} {value}", hint=f"see all {kind}s")
    return found


def following(rows: Sequence[Mapping[str, Any]], most: int, name: str) -> Any:
    """Return after which value the next page begins, of rows that were asked for up to `most` + 1.

    None: there is no next page.
    """
    return rows[most - 1][name] if len(rows) > most else None


def all_of(conditions: Mapping[str, str], given: Container[str]) -> str:
    """Return the conditions whose names are given as one, in SQL."""
    return "\n    and ".join(text for name, text in conditions.items() if name in given) or "true"
