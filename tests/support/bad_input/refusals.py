"""Which refusals are clear: our own with a hint, or what PostgreSQL says of wrong data."""

from __future__ import annotations

import psycopg

LONGEST = 1000
CLASSES = ("22", "23")  # wrong data, broken constraints
PLAIN = {
    "42501",  # no right to do it
    "42804",  # wrong type
    "42846",  # a type that cannot become the other
    "42883",  # no function that takes such types
    "428C9",  # a column that the database fills itself
    "54000",  # a text that is longer than any key of an index
    "54001",  # a document nested deeper than the server's stack
}


def complaint(error: psycopg.Error) -> str | None:
    """Return what is wrong with a refusal; None if it is clear."""
    said, state = error.diag, error.sqlstate or ""
    text = f"{state} {said.message_primary} {said.message_detail} {said.message_hint}"
    if state.startswith("JD"):
        if not said.message_hint:
            return f"no hint: {text[:LONGEST]}"
        return f"{len(text)} characters: {text[:LONGEST]}" if len(text) > LONGEST else None
    if state.startswith(CLASSES) or state in PLAIN:
        return None
    return f"{type(error).__name__} {text[:LONGEST]}"
