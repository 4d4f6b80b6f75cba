"""Call SQL functions at the cost of libpq: psycopg's lower layer, without its cursors.

A backgrounder sends one statement a job. Psycopg's cursor spends more on it than libpq, Python and
the network together: it reads the statement, looks up its plan's name, and waits in a loop of its
own. Here the statement is prepared once, its values are text, and psycopg's adapters read the row,
which is binary: the form of a text depends on settings of the session.
"""

from __future__ import annotations

import select
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGresult

from pgdispatch.database.session_settings import BEGIN

TEXT = [PyFormat.TEXT]
ANSWER_WITHIN = 20.0
CANCEL_WITHIN = 5.0


class SilentServerError(psycopg.OperationalError):
    """Raised when a statement was not answered: the connection may be dead without knowing."""


class Caller:
    """Runs statements that return one row or none, over a connection in autocommit mode.

    `prepares`: keep each statement prepared in the session, which has to be this client's own.
    `begins`: begin each transaction explicitly, as the session's default is another than ours.
    """

    def __init__(
        self, connection: psycopg.Connection, *, prepares: bool, begins: bool = False
    ) -> None:
        """Use this connection, which `close` closes."""
        self._connection = connection
        self._adapters = Transformer(connection)
        self._prepares = prepares
        self._begins = begins
        self._poll = select.poll()
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

        Blocks until the server has answered. Raises psycopg's error for what the server says,
        `psycopg.OperationalError` if it is gone, and `SilentServerError`, having cancelled the
        statement, if it has not answered for `ANSWER_WITHIN` seconds.
        Transaction: one of its own.
        """
        given = [self._dumped(value) for value in values]
        result = self._within(statement, given) if self._begins else self._sent(statement, given)
        if result.ntuples == 0:
            return None
        self._adapters.set_pgresult(result)
        return self._adapters.load_row(0, tuple)

    def _within(self, statement: str, given: Sequence[Buffer | None]) -> PGresult:
        """Run a statement in a transaction that says what it is; after an error, the end of all."""
        try:
            self._sent(BEGIN, [])
            result = self._sent(statement, given)
            self._sent("commit", [])
        except BaseException:
            self._connection.close()
            raise
        return result

    def _sent(self, statement: str, given: Sequence[Buffer | None]) -> PGresult:
        result = self._executed(statement, given)
        self._check(result)
        return result

    def _executed(self, statement: str, given: Sequence[Buffer | None]) -> PGresult:
        libpq = self._connection.pgconn
        if not self._prepares:
            libpq.send_query_params(statement.encode(), given, result_format=Format.BINARY)
            return self._answer()
        if statement not in self._names:
            name = f"pgdispatch_{len(self._names)}".encode()
            libpq.send_prepare(name, statement.encode())
            self._check(self._answer())
            self._names[statement] = name
        libpq.send_query_prepared(self._names[statement], given, result_format=Format.BINARY)
        return self._answer()

    def _answer(self) -> PGresult:
        """Wait for the result of what was sent, and take it."""
        libpq = self._connection.pgconn
        deadline = time.monotonic() + ANSWER_WITHIN
        while libpq.flush():
            self._wait(select.POLLIN | select.POLLOUT, deadline)
            libpq.consume_input()
        while libpq.is_busy():
            self._wait(select.POLLIN, deadline)
            libpq.consume_input()
        result = libpq.get_result()
        while (after := libpq.get_result()) is not None:
            result = result or after
        if result is None:
            raise psycopg.OperationalError("the connection is lost")
        return result

    def _wait(self, events: int, deadline: float) -> None:
        """Wait for the socket, not for ever: a cut network, or a proxy, need not say so."""
        self._poll.register(self._connection.pgconn.socket, events)
        left = deadline - time.monotonic()
        if left > 0 and self._poll.poll(1000 * left):
            return
        with suppress(psycopg.Error):  # so that it does not go on, if the server is there at all
            self._connection.cancel_safe(timeout=CANCEL_WITHIN)
        self._connection.close()
        raise SilentServerError(f"no answer within {ANSWER_WITHIN:g} s")

    def _dumped(self, value: Any) -> Buffer | None:
        if not isinstance(value, tuple):
            return self._adapters.dump_sequence([value], TEXT)[0]
        if value not in self._arrays:  # the same few in each call
            self._arrays[value] = self._adapters.dump_sequence([list(value)], TEXT)[0]
        return self._arrays[value]

    def _check(self, result: PGresult) -> None:
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return
        error = error_from_result(result)
        if self._connection.pgconn.status == ConnStatus.BAD:
            self._connection.close()
            if error.sqlstate is None:
                raise psycopg.OperationalError(result.get_error_message())
        raise error
