"""A backgrounder's connection to the database, which comes back after every failure."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from psycopg.types.json import set_json_loads

from pgdispatch.caller import Caller
from pgdispatch.json_text import read_json

logger = logging.getLogger("pgdispatch")

CHANGED = (
    psycopg.errors.FeatureNotSupported,  # cached plan must not change result type
    psycopg.errors.DatatypeMismatch,
    psycopg.errors.InternalError_,  # cache lookup failed
    psycopg.errors.InvalidSqlStatementName,  # the session has lost it
)
CHANGES_AT_ONCE = 5
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,  # a primary that is none any more, or not yet
)
T = TypeVar("T")


class GaveUpError(Exception):
    """Raised when the process has to end before the database is back."""


class Link:
    """Hold one psycopg connection in autocommit mode and make it anew when it breaks.

    Statements are prepared on the server, unless a pooler stands in between.
    """

    def __init__(self, dsn: str, *, name: str) -> None:
        """Note where to connect; the first call does."""
        self._dsn = dsn
        self._name = name
        self._caller: Caller | None = None

    def call(
        self,
        verb: Callable[[Caller], T],
        *,
        give_up: threading.Event | None = None,
    ) -> T:
        """Run `verb` over the connection until the database has answered.

        A call whose answer got lost is repeated, so it may find its work done already. One that an
        upgrade of the schema has broken off is repeated on a new connection, a few times. Refusals
        are raised at once. Raises `GaveUpError` when `give_up` is set first.
        """
        pause = FIRST_PAUSE
        changes = 0
        while True:
            try:
                return verb(self._connected())
            except AWAY as error:
                self.close()
                logger.warning("%s: the database is away: %s", self._name, _first_line(error))
            except CHANGED as error:
                self.close()
                changes += 1
                if changes > CHANGES_AT_ONCE:
                    raise
                logger.warning("%s: the schema has changed: %s", self._name, _first_line(error))
            seconds = random.uniform(0.5, 1.0) * pause  # noqa: S311  # jitter
            if give_up is None:
                time.sleep(seconds)
            elif give_up.wait(seconds):
                raise GaveUpError
            pause = min(pause * 2, LONGEST_PAUSE)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._caller is not None:
            self._caller.close()
            self._caller = None

    def _connected(self) -> Caller:
        if self._caller is None or self._caller.is_closed:
            connection = psycopg.connect(
                self._dsn,
                autocommit=True,
                prepare_threshold=None,
                connect_timeout=10,
                application_name=f"pgdispatch {self._name}",
            )
            set_json_loads(read_json, connection)
            self._caller = Caller(connection, prepares=_is_direct(connection))
        return self._caller


def _is_direct(connection: psycopg.Connection) -> bool:
    """Whether this talks to the server itself: a pooler gives out process numbers of its own."""
    row = Caller(connection, prepares=False).row("select pg_catalog.pg_backend_pid()", [])
    return row is not None and row[0] == connection.info.backend_pid


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
