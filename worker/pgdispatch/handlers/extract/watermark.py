"""The watermark of an extract: how far its rows have been read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import Column, sql

from pgdispatch.errors import InvalidInputError

# Types whose order is the same in Python as in PostgreSQL, by OID.
TYPES = {
    20: "bigint",
    21: "smallint",
    23: "integer",
    1082: "date",
    1114: "timestamp",
    1184: "timestamptz",
    1700: "numeric",
}


@dataclass(frozen=True)
class Watermark:
    """The greatest value of `column` that was read; `value` None if there was none."""

    column: str
    type: str
    value: str | None

    def encode(self) -> str:
        """Return it as it is kept in a Parquet file's metadata."""
        return json.dumps([self.column, self.type, self.value])

    @classmethod
    def decode(cls, text: str | bytes) -> Watermark:
        """Return what `encode` has written."""
        return cls(*json.loads(text))

    def condition(self) -> sql.Composed:
        """Return the `where` clause for the rows past it."""
        column = sql.Identifier("q", self.column)
        if self.value is None:
            return sql.SQL("where {} is not null").format(column)
        kind = next(sql.SQL(name) for name in TYPES.values() if name == self.type)
        return sql.SQL("where {} > {}::{}").format(column, sql.Literal(self.value), kind)


class Tracker:
    """Follow the greatest value of one column over batches of rows."""

    def __init__(self, name: str, columns: list[Column]) -> None:
        """Raise InvalidInputError if there is no such column or its type has no plain order."""
        self.index = next((i for i, column in enumerate(columns) if column.name == name), -1)
        if self.index < 0:
            raise InvalidInputError(
                f'the query has no column "{name}", which should be its watermark',
                detail=f"columns: {', '.join(column.name for column in columns)}",
            )
        oid = columns[self.index].type_code
        if oid not in TYPES:
            raise InvalidInputError(
                f'column "{name}" cannot be a watermark',
                hint=f"it must be one of: {', '.join(sorted(TYPES.values()))}",
            )
        self._name, self._type = name, TYPES[oid]
        self._highest: Any = None

    def see(self, values: Iterable[Any]) -> None:
        """Take in the column's values of one batch."""
        known = [value for value in values if value is not None]
        if self._highest is not None:
            known.append(self._highest)
        self._highest = max(known, default=None)

    def result(self, before: Watermark | None = None) -> Watermark:
        """Return the watermark so far; `before` if no row had one."""
        if self._highest is None and before is not None:
            return before
        value = self._highest
        if hasattr(value, "isoformat"):
            value = value.isoformat()
        return Watermark(self._name, self._type, None if value is None else str(value))
