"""Filters of listings: a name that nobody has is refused, and an empty answer says of what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import psycopg

from pgdispatch.errors import NotFoundError
from pgdispatch_cli.reading import Rows, count, read, values_of
from pgdispatch_cli.stderr import printable

MOST = 1000  # others that are counted; a history may have millions
Filters = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """What a filter names: the table and its key, and the command that lists all."""

    noun: str
    table: str
    key: str
    command: str


KINDS = {
    "site": Kind("site", "site", "name", "site list"),
    "type": Kind("job type", "job_type", "name", "type list"),
    "schedule": Kind("schedule", "schedule", "name", "schedule list"),
    "calendar": Kind("calendar", "calendar", "name", "calendar list"),
    "closed_window": Kind("closed window", "closed_window", "name", "window list"),
    "task": Kind("task", "task", "id", "task list"),
    "node": Kind("node", "node", "name", "node list"),
    "backgrounder": Kind("backgrounder", "backgrounder", "id", "status"),
}


@dataclass(frozen=True)
class Wording:
    """How an empty listing is put: `none` with a place for what was named, and the others.

    `others` follows how many they are; `other` is for one.
    """

    none: str
    others: str
    other: str


def explain_nothing(
    connection: psycopg.Connection,
    of: Rows,
    filters: Filters,
    wording: Wording,
    *,
    known_in: Rows | None = None,
) -> str:
    """Return why a listing of `of` has no row: nothing there is, or nothing of what was named.

    Raises `NotFoundError` for a name that neither exists nor stands in any row of `known_in`, which
    is `of` if there is no more of it. Whoever is confined to sites learns of no others: neither
    their names nor how many jobs they have.

    Transaction: joins the caller's; reads only.
    """
    named = {name: value for name, value in filters.items() if value is not None}
    for name, value in named.items():
        check_known(connection, known_in or of, name, value)
    words = [f"{KINDS[name].noun} {printable(str(value))}" for name, value in named.items()]
    nothing = wording.none.format("".join(f" of {word}" for word in words))
    others = count(connection, of, most=MOST + 1)
    if not named or not others:
        return nothing
    so_many = f"more than {MOST}" if others > MOST else str(others)
    if len(named) > 1:
        whose = " others" if others > 1 else " other"
    else:
        noun = KINDS[next(iter(named))].noun
        whose = f" of other {noun}s" if others > 1 else f" of another {noun}"
    return f"{nothing}; {so_many}{whose} {wording.others if others > 1 else wording.other}"


def check_known(connection: psycopg.Connection, of: Rows, name: str, value: Any) -> None:
    """Refuse a name that nobody has, with those like it.

    What exists no more counts as known as long as a row of `of` has it, as in the history.

    Transaction: joins the caller's; reads only.
    """
    kind = KINDS[name]
    if count(connection, of.of({name: value}), most=1):
        return
    known = names(connection, kind)
    if value in known:
        return
    raise unknown(kind, value, known)


def unknown(kind: Kind, value: Any, known: Collection[Any]) -> NotFoundError:
    """Return the error that says that nobody has a name, with those like it."""
    near = get_close_matches(value, known, n=3) if isinstance(value, str) else []
    said = f"did you mean {' or '.join(map(printable, near))}? " if near else ""
    return NotFoundError(
        f"{kind.noun} {value} does not exist", hint=f"{said}see: pgdispatch {kind.command}"
    )


def names(connection: psycopg.Connection, kind: Kind) -> list[Any]:
    """Return all names of a kind that the caller may see.

    Transaction: joins the caller's; reads only.
    """
    try:
        with connection.transaction():
            return values_of(connection, Rows(kind.table), kind.key)
    except psycopg.errors.InsufficientPrivilege:
        return []  # nodes are nobody's business who is confined to sites


def find(
    connection: psycopg.Connection, relation: str, name: str, value: Any, *, field: str = ""
) -> dict[str, Any]:
    """Return the row of a view about one object; `name` is its kind, and the view's `field`.

    Raises `NotFoundError`, with those of similar names, if there is none.

    Transaction: joins the caller's; reads only.
    """
    found = read(connection, Rows(relation, {field or name: value}))
    if not found:
        kind = KINDS[name]
        raise unknown(kind, value, names(connection, kind))
    return found[0]
