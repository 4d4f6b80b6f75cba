"""Filters of listings: a name that nobody has is refused, and an empty answer says of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Column, Connection, FromClause, Select, func, select
from sqlalchemy.exc import DBAPIError

from pgdispatch import tables
from pgdispatch.errors import NotFoundError
from pgdispatch_cli.failure import NOT_ALLOWED
from pgdispatch_cli.stderr import printable

MOST = 1000  # others that are counted; a history may have millions
Filters = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """What a filter names: its key, and the command that lists all."""

    noun: str
    key: Column[Any]
    command: str


KINDS = {
    "site": Kind("site", tables.site.c.name, "site list"),
    "type": Kind("job type", tables.job_type.c.name, "type list"),
    "schedule": Kind("schedule", tables.schedule.c.name, "schedule list"),
    "task": Kind("task", tables.task.c.id, "task list"),
    "backgrounder": Kind("backgrounder", tables.backgrounder.c.id, "status"),
}


@dataclass(frozen=True)
class Wording:
    """How an empty listing is put: `none` with a place for what was named, and the others.

    `others` follows how many they are; `other` is for one.
    """

    none: str
    others: str
    other: str


def filtered(query: Select[Any], of: FromClause, filters: Filters) -> Select[Any]:
    """Return `query` with only the rows of `of` that have these values; None: any."""
    for name, value in filters.items():
        if value is not None:
            query = query.where(of.c[name] == value)
    return query


def explain_nothing(
    connection: Connection,
    of: FromClause,
    filters: Filters,
    wording: Wording,
    *,
    known_in: FromClause | None = None,
) -> str:
    """Return why a listing of `of` has no row: nothing there is, or nothing of what was named.

    Raises `NotFoundError` for a name that neither exists nor stands in any row of `known_in`, which
    is `of` if there is no more of it. Whoever is confined to sites learns of no others: neither
    their names nor how many jobs they have.

    Transaction: joins the caller's; reads only.
    """
    named = {name: value for name, value in filters.items() if value is not None}
    for name, value in named.items():
        check_known(connection, known_in if known_in is not None else of, name, value)
    words = [f"{KINDS[name].noun} {printable(str(value))}" for name, value in named.items()]
    nothing = wording.none.format("".join(f" of {word}" for word in words))
    part = select(1).select_from(of).limit(MOST + 1).subquery()
    others = connection.execute(select(func.count()).select_from(part)).scalar_one()
    if not named or not others:
        return nothing
    count = f"more than {MOST}" if others > MOST else str(others)
    if len(named) > 1:
        whose = " others" if others > 1 else " other"
    else:
        noun = KINDS[next(iter(named))].noun
        whose = f" of other {noun}s" if others > 1 else f" of another {noun}"
    return f"{nothing}; {count}{whose} {wording.others if others > 1 else wording.other}"


def check_known(connection: Connection, of: FromClause, name: str, value: Any) -> None:
    """Refuse a name that nobody has, with those like it.

    What exists no more counts as known as long as a row of `of` has it, as in the history.

    Transaction: joins the caller's; reads only.
    """
    kind = KINDS[name]
    in_rows = select(1).select_from(of).where(of.c[name] == value).limit(1)
    if connection.execute(in_rows).first() is not None:
        return
    known = names(connection, kind)
    if value in known:
        return
    near = get_close_matches(value, known, n=3) if isinstance(value, str) else []
    said = f"did you mean {' or '.join(map(printable, near))}? " if near else ""
    raise NotFoundError(
        f"{kind.noun} {value} does not exist", hint=f"{said}see: pgdispatch {kind.command}"
    )


def names(connection: Connection, kind: Kind) -> list[Any]:
    """Return all names of a kind that the caller may see."""
    nested = connection.begin_nested()
    try:
        found = list(connection.execute(select(kind.key)).scalars())
    except DBAPIError as error:
        nested.rollback()
        if getattr(error.orig, "sqlstate", None) != NOT_ALLOWED:
            raise
        return []  # nodes are nobody's business who is confined to sites
    nested.commit()
    return found
