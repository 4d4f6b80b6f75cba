"""Call SQL functions at the cost of libpq: psycopg's lower layer, without its cursors.

A backgrounder sends one statement a job. Psycopg's cursor spends more on it than libpq, Python and
the network together: it reads the statement, looks up its plan's name, and waits in a loop of its
own. Here the statement is prepared once, its values are text, and psycopg's adapters read the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

TEXT = [PyFormat.TEXT]


class Caller:
    """Runs statements that return one row or none, over a connection in autocommit mode.

    `prepares`: keep each statement prepared in the session, which has to be this client's own.
    """

    def __init__(self, connection: psycopg.Connection, *, prepares: bool) -> None:
        """Use this connection, which `close` closes."""
        self._connection = connection
        self._adapters = Transformer(connection)
        self._prepares = prepares
        self._names: dict[str, bytes] = {}
        self._arrays: dict[tuple[str, ...], Buffer | None] = {}

    @property
    def is_closed(self) -> bool:
        """Whether the connection is closed, or broken."""
        return self._connection.closed

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def row(self, statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        """Run one statement with `$1` placeholders; return its first row, or None.

        Blocks until the server has answered. Raises psycopg's error for what the server says, and
        `psycopg.OperationalError` if it says nothing any more.
        Transaction: one of its own.
        """
        given = [self._dumped(value) for value in values]
        result = self._executed(statement, given)
        self._check(result)
        if result.ntuples == 0:
            return None
        self._adapters.set_pgresult(result)
        return self._adapters.load_row(0, tuple)

    def _executed(self, statement: str, given: Sequence[Buffer | None]) -> PGresult:
        libpq = self._connection.pgconn
        if not self._prepares:
            return libpq.exec_params(statement.encode(), given)
        if statement not in self._names:
            name = f"pgdispatch_{len(self._names)}".encode()
            self._check(libpq.prepare(name, statement.encode()))
            self._names[statement] = name
        # None is SQL's null here as in exec_params, whose annotation says so.
        return libpq.exec_prepared(self._names[statement], given)  # type: ignore[arg-type]

    def _dumped(self, value: Any) -> Buffer | None:
        if not isinstance(value, tuple):
            return self._adapters.dump_sequence([value], TEXT)[0]
        if value not in self._arrays:  # the same few in each call
            self._arrays[value] = self._adapters.dump_sequence([list(value)], TEXT)[0]
        return self._arrays[value]

    def _check(self, result: PGresult) -> None:
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return
        if self._connection.pgconn.status == ConnStatus.BAD:
            self._connection.close()
            raise psycopg.OperationalError(result.get_error_message())
        raise error_from_result(result)
