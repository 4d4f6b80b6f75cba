"""What pages of one thing, and pages that list things, have in common."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

import psycopg

from pgdispatch.errors import NotFoundError
from pgdispatch.web.console.reading import Rows, ask
from pgdispatch.web.console.refusals import LateError


def find(
    connection: psycopg.Connection[dict[str, Any]], statement: str, kind: str, /, **key: Any
) -> Rows:
    """Return the rows of a statement about one thing, which `kind` names and `key` tells.

    Raises `NotFoundError` if there is none, `LateError` if that could not be said in time.

    Transaction: joins the caller's; reads only.
    """
    found = ask(connection, statement, **key)
    (value,) = key.values()
    if found.is_late:
        raise too_late(f"{kind} {value}")
    if not found:
        raise NotFoundError(f"there is no {kind} {value}", hint=f"see all {kind}s")
    return found


def too_late(what: str) -> LateError:
    """Return the error that tells that the database did not find something in time."""
    return LateError(
        f"the database took too long to find {what}",
        detail="whether there is one is not known: a page waits for two seconds at most",
        hint="load the page again; if it stays so, see Health for what holds the database up",
    )


def following(rows: Sequence[Mapping[str, Any]], most: int, name: str) -> Any:
    """Return after which value the next page begins, of rows that were asked for up to `most` + 1.

    None: there is no next page.
    """
    return rows[most - 1][name] if len(rows) > most else None


def all_of(conditions: Mapping[str, str], given: Container[str]) -> str:
    """Return the conditions whose names are given as one, in SQL."""
    return "\n    and ".join(text for name, text in conditions.items() if name in given) or "true"
