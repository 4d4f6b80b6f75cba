"""A backgrounder's connection to the database, which comes back after every failure."""

from __future__ import annotations

import errno
import logging
import os
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import psycopg
from psycopg.abc import Buffer
from psycopg.types.datetime import TimestamptzBinaryLoader
from psycopg.types.json import set_json_loads

from pgdispatch.backgrounder.prepared import Caller
from pgdispatch.database import session_settings
from pgdispatch.database.json_text import read_json
from pgdispatch.database.outage import is_loss, reason_of
from pgdispatch.database.sqlstates import TRIES, Meaning, meaning
from pgdispatch.errors import ConnectionStringError, IsolationError, PgdispatchError
from pgdispatch.host.streams import plug

logger = logging.getLogger("pgdispatch")

PATIENCE = 10  # seconds for one server, unless the connection string says
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
T = TypeVar("T")


class GaveUpError(Exception):
    """Raised when the process has to end before the database is back."""


class ExhaustedError(Exception):
    """Raised when this process cannot open anything any more: what is away is not the database."""


class BoundedLoader(TimestamptzBinaryLoader):
    """Read instants that Python's calendar does not have as its first or its last."""

    def load(self, data: Buffer) -> datetime:
        """Return one instant."""
        try:
            return super().load(data)
        except psycopg.DataError:
            is_early = bool(bytes(data)[0] & 0x80)  # a negative number
            return (datetime.min if is_early else datetime.max).replace(tzinfo=UTC)


class Connection:
    """Hold one psycopg connection in autocommit mode and make it anew when it breaks.

    Statements are prepared on the server, unless a pooler stands in between.
    """

    def __init__(
        self, dsn: str, *, name: str, tell: Callable[..., None] = lambda _, **__: None
    ) -> None:
        """Note where to connect; the first call does.

        `tell` is called with `away`, the `reason` and whether a connection `is_lost` by it, each
        time that the database is away, and then with `back`.
        """
        self._dsn = dsn
        self._name = name
        self._tell = tell
        self._is_away = False
        self._caller: Caller | None = None

    def call(
        self,
        verb: Callable[[Caller], T],
        *,
        give_up: threading.Event | None = None,
    ) -> T:
        """Run `verb` over the connection until the database has answered.

        A call whose answer got lost is repeated, so it may find its work done already. One that
        others, or an upgrade of the schema, have broken off is repeated a few times. What the
        database refuses is raised at once (`psycopg.Error`). Raises `GaveUpError` when `give_up`
        is set first, and `ExhaustedError` when it is this process that cannot connect.
        """
        pause = FIRST_PAUSE
        tries = 0
        while True:
            try:
                return self._ask(verb)
            except psycopg.Error as error:
                found = self._after(error)
                tries += found is not Meaning.AWAY
                if found is Meaning.REFUSED or tries >= TRIES:
                    raise
            except IsolationError as error:
                self.close()
                tries += 1
                if tries >= TRIES:
                    raise
                logger.warning("%s: %s: %s", self._name, Meaning.CHANGED.value, error)
            except OSError as error:  # in waiting: so many descriptors are not allowed any more
                if not is_exhausted():
                    raise
                raise ExhaustedError from error
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

    def _ask(self, verb: Callable[[Caller], T]) -> T:
        try:
            answer = verb(self._connected())
        except PgdispatchError:  # an answer, too
            self._note_back()
            raise
        self._note_back()
        return answer

    def _after(self, error: psycopg.Error) -> Meaning:
        """Return what an error means, and tell; close the connection if it is of no more use."""
        found, is_lost = Meaning.AWAY, False
        if self._caller is not None:  # else nobody was asked, whatever was in the way
            found = meaning_of(error, is_closed=self._caller.is_closed)
            is_lost = is_loss(error.sqlstate)
        if found in (Meaning.AWAY, Meaning.CHANGED):
            self.close()
        if found is Meaning.AWAY and is_exhausted():
            raise ExhaustedError from error
        if found is Meaning.AWAY:
            self._is_away = True
            self._tell("away", reason=reason_of(error), is_lost=is_lost)
            return found
        self._note_back()
        if found is not Meaning.REFUSED:
            logger.warning("%s: %s: %s", self._name, found.value, _first_line(error))
        return found

    def _note_back(self) -> None:
        if self._is_away:
            self._is_away = False
            self._tell("back")

    def _connected(self) -> Caller:
        if self._caller is None or self._caller.is_closed:
            self._caller = None
            plug()  # a handler may have closed them
            try:
                connection, footing = session_settings.open_connection(
                    self._dsn,
                    autocommit=True,
                    prepare_threshold=None,
                    patience=PATIENCE,
                    application_name=f"pgdispatch {self._name}",
                )
            except ConnectionStringError as error:  # it was right when the node started
                raise psycopg.OperationalError(error.message) from error
            set_json_loads(read_json, connection)
            connection.adapters.register_loader("timestamptz", BoundedLoader)
            self._caller = Caller(connection, prepares=footing.is_direct, begins=footing.begins)
        return self._caller


def meaning_of(error: psycopg.Error, *, is_closed: bool) -> Meaning:
    """Return what an error means, after which the connection is closed or not."""
    if error.sqlstate is not None:
        return meaning(error.sqlstate)
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return Meaning.REFUSED  # a value that cannot be sent
    return Meaning.AWAY if is_closed else Meaning.CHANGED


def is_exhausted() -> bool:
    """Tell whether this process has no descriptor left, or may have none."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno == errno.EMFILE
    return False


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
