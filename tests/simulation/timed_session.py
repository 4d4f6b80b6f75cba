"""One database session whose pgdispatch.now() is a setting of the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

REPLACED = """
create or replace function pgdispatch.now()
returns timestamptz
language plpgsql
volatile
as $$
begin
    return current_setting('simulation.now')::timestamptz;
end
$$
"""


@dataclass(frozen=True)
class Refused:
    """What a verb said instead of doing something."""

    sqlstate: str
    text: str


class Session:
    """Speaks to the database at an instant that is set beforehand."""

    def __init__(self, connection: psycopg.Connection[Any], start: datetime) -> None:
        self._connection = connection
        connection.execute(REPLACED)
        connection.execute("select setseed(0.5)")  # for the delays of retries
        self.now = start
        self.trips = 0
        self.at(start)

    def at(self, now: datetime) -> None:
        """Set the time."""
        self.now = now
        self.rows("select set_config('simulation.now', %s, false)", now.isoformat())

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a statement, in a transaction of its own."""
        self.trips += 1
        cursor = self._connection.execute(query, values)
        return cursor.fetchall() if cursor.description else []

    def value(self, query: str, *values: Any) -> Any:
        """Return the first column of the only row."""
        ((found, *_),) = self.rows(query, *values)
        return found

    def call(self, query: str, *values: Any) -> list[tuple[Any, ...]] | Refused:
        """Return all rows, or how the database refused with an error of its own."""
        try:
            return self.rows(query, *values)
        except psycopg.Error as error:
            if not (error.sqlstate or "").startswith("JD"):
                raise
            return Refused(error.sqlstate or "", str(error.diag.message_primary))

    def update(self, table: str, key: tuple[str, Any], **columns: Any) -> Refused | None:
        """Update one row of a table of the schema, as a person at psql would."""
        changes = ", ".join(f"{name} = %s" for name in columns)
        query = f"update pgdispatch.{table} set {changes} where {key[0]} = %s"
        found = self.call(query, *columns.values(), key[1])
        return found if isinstance(found, Refused) else None

    def add(self, table: str, returning: str, rows: Sequence[dict[str, Any]]) -> list[Any]:
        """Insert rows of the same columns and return one column of each, in order."""
        query = (
            f"insert into pgdispatch.{table} ({', '.join(rows[0])}) "
            f"values ({', '.join(['%s'] * len(rows[0]))}) returning {returning}"
        )
        return [self.value(query, *row.values()) for row in rows]
