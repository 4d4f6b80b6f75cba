"""What a listing reads: rows of a table or view, on psycopg itself.

The questions are views, so there is nothing to compose, and SQLAlchemy, which the commands that
change something use, would take longer to import than all else that a listing does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Composed, Identifier

from pgdispatch_cli.connecting import target
from pgdispatch_cli.connection import connect, fix_transaction


@dataclass(frozen=True)
class Rows:
    """The rows of a table or view that have the values of `equal`.

    If they are given, the field `blank` is null in them, and the field `filled` is not. `where` has
    further conditions, each with the value for the one `%s` in it.
    """

    relation: str
    equal: Mapping[str, Any] = field(default_factory=dict)
    blank: str | None = None
    filled: str | None = None
    where: Mapping[LiteralString, Any] = field(default_factory=dict)

    def of(self, filters: Mapping[str, Any]) -> Rows:
        """Return those of these rows that also have the values in `filters`; None: any."""
        given = {name: value for name, value in filters.items() if value is not None}
        return replace(self, equal={**self.equal, **given})

    @property
    def values(self) -> list[Any]:
        """The values that the rows have, in order."""
        return [*self.equal.values(), *self.where.values()]

    def sql(self) -> Composed:
        """Return them as the end of a statement, from `from` on, whose parameters are `values`."""
        conditions: list[Composable] = [
            SQL("{} = %s").format(Identifier(name)) for name in self.equal
        ]
        conditions += [SQL(text) for text in self.where]
        if self.blank:
            conditions.append(SQL("{} is null").format(Identifier(self.blank)))
        if self.filled:
            conditions.append(SQL("{} is not null").format(Identifier(self.filled)))
        relation = Identifier("pgdispatch", self.relation)
        if not conditions:
            return SQL("from {}").format(relation)
        return SQL("from {} where {}").format(relation, SQL(" and ").join(conditions))


@contextmanager
def looking() -> Iterator[psycopg.Connection]:
    """Open a connection to the target for a look.

    Raises `SchemaMismatchError` for a schema of another version.

    Transaction: one, on a connection of its own.
    """
    with connect(target().dsn, checked=True) as connection:
        fix_transaction(connection)
        yield connection


def read(
    connection: psycopg.Connection,
    rows: Rows,
    *,
    order: Sequence[str] = (),
    latest: str | None = None,
    limit: int | None = None,
    but: Collection[str] = (),
    only: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Return rows with the fields in `only`, or all except those in `but`.

    A view has an order of its own. `latest` is the field whose greatest values come first.

    Transaction: joins the caller's; reads only.
    """
    fields: Composable = SQL("*")
    names = list(only)
    if but:
        names = [name for name in fields_of(connection, rows) if name not in but]
    if names:
        fields = SQL(", ").join(map(Identifier, names))
    query = SQL("select {} {}").format(fields, rows.sql())
    if order:
        query += SQL(" order by {}").format(SQL(", ").join(map(Identifier, order)))
    if latest is not None:
        query += SQL(" order by {} desc nulls last").format(Identifier(latest))
    if limit is not None:
        query += SQL(" limit {}").format(limit)
    cursor = psycopg.Cursor(connection, row_factory=dict_row)
    return cursor.execute(query, rows.values).fetchall()


def fields_of(connection: psycopg.Connection, rows: Rows) -> list[str]:
    """Return the names of the fields that rows have.

    Transaction: joins the caller's; reads only.
    """
    found = connection.execute(SQL("select * {} limit 0").format(rows.sql()), rows.values)
    return [column.name for column in found.description or ()]


def values_of(connection: psycopg.Connection, rows: Rows, name: str) -> list[Any]:
    """Return the value that each row has in one field.

    Transaction: joins the caller's; reads only.
    """
    query = SQL("select {} {}").format(Identifier(name), rows.sql())
    return [found for (found,) in connection.execute(query, rows.values)]


def count(connection: psycopg.Connection, rows: Rows, *, most: int) -> int:
    """Return how many rows there are; `most` at the most.

    Transaction: joins the caller's; reads only.
    """
    query = SQL("select count(*) from (select {} limit {}) as found").format(rows.sql(), most)
    return int(value(connection, query, rows.values))


def now(connection: psycopg.Connection) -> Any:
    """Return the database's time.

    Transaction: joins the caller's; reads only.
    """
    return value(connection, SQL("select {}()").format(Identifier("pgdispatch", "now")))


def value(connection: psycopg.Connection, query: Composed, values: Sequence[Any] = ()) -> Any:
    """Return the one value that a query has.

    Transaction: joins the caller's; reads only.
    """
    found = connection.execute(query, values).fetchone()
    return None if found is None else found[0]
