"""A backgrounder's connection to the database, which comes back after every failure."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg.rows import TupleRow

logger = logging.getLogger("pgdispatch")

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
ANSWER_WITHIN = 20.0
CANCEL_WITHIN = 5.0
AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,  # a primary that is none any more, or not yet
)
T = TypeVar("T")


class SilentServerError(psycopg.OperationalError):
    """Raised when a statement was not answered: the connection may be dead without knowing."""


class GaveUpError(Exception):
    """Raised when the process has to end before the database is back."""


class PatientConnection(psycopg.Connection[TupleRow]):
    """A connection that does not wait for ever: a cut network, or a proxy, need not say so."""

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **options: Any) -> T:
        """Wait as any connection, but raise `SilentServerError` after `ANSWER_WITHIN` seconds.

        The statement is cancelled first, if the server can be reached at all.
        """
        try:
            return super().wait(_bounded(gen, ANSWER_WITHIN), *args, **options)
        except SilentServerError:
            with suppress(psycopg.Error):
                self.cancel_safe(timeout=CANCEL_WITHIN)
            raise


class Link:
    """Hold one psycopg connection in autocommit mode and make it anew when it breaks.

    Statements are prepared on the server, unless a pooler stands in between.
    """

    def __init__(self, dsn: str, *, name: str) -> None:
        """Note where to connect; the first call does."""
        self._dsn = dsn
        self._name = name
        self._cursor: psycopg.RawCursor | None = None

    def call(
        self,
        verb: Callable[[psycopg.RawCursor], T],
        *,
        give_up: threading.Event | None = None,
    ) -> T:
        """Run `verb` on a cursor of the connection until the database has answered.

        A call whose answer got lost is repeated, so it may find its work done already. Refusals
        are raised at once. Raises `GaveUpError` when `give_up` is set first.
        """
        pause = FIRST_PAUSE
        while True:
            try:
                return verb(self._connected())
            except AWAY as error:
                self.close()
                logger.warning("%s: the database is away: %s", self._name, _first_line(error))
            seconds = random.uniform(0.5, 1.0) * pause  # noqa: S311  # jitter
            if give_up is None:
                time.sleep(seconds)
            elif give_up.wait(seconds):
                raise GaveUpError
            pause = min(pause * 2, LONGEST_PAUSE)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._cursor is not None:
            self._cursor.connection.close()
            self._cursor = None

    def _connected(self) -> psycopg.RawCursor:
        if self._cursor is None or self._cursor.connection.closed:
            connection = PatientConnection.connect(
                self._dsn,
                autocommit=True,
                prepare_threshold=None,
                connect_timeout=10,
                application_name=f"pgdispatch {self._name}",
            )
            self._cursor = psycopg.RawCursor(connection)
            if _is_direct(connection):
                connection.prepare_threshold = 0
        return self._cursor


def _bounded(gen: Generator[Any, Any, T], seconds: float) -> Generator[Any, Any, T]:
    """Pass on what psycopg waits for; it looks in several times a second, ready or not."""
    deadline = time.monotonic() + seconds
    try:
        waits_for = next(gen)
        while True:
            ready = yield waits_for
            if not ready and time.monotonic() > deadline:
                gen.close()
                raise SilentServerError(f"no answer within {seconds:g} s")
            waits_for = gen.send(ready)
    except StopIteration as end:
        answer: T = end.value
        return answer


def _is_direct(connection: psycopg.Connection) -> bool:
    """Whether this talks to the server itself: a pooler gives out process numbers of its own."""
    row = connection.execute("select pg_catalog.pg_backend_pid()").fetchone()
    return row is not None and row[0] == connection.info.backend_pid


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
