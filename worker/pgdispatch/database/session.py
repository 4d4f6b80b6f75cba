"""A node's connection to the database (asyncpg), which comes back after every failure."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from pgdispatch.database import session_settings
from pgdispatch.database.asyncpg_attempts import attempts
from pgdispatch.database.outage import Outage, is_loss, reason_of
from pgdispatch.database.sqlstates import TRIES, Meaning, meaning
from pgdispatch.errors import ConnectionStringError, PgdispatchError, from_sqlstate

logger = logging.getLogger("pgdispatch")

FAILURES = (  # all that a driver's call may end with
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionStringError,  # it was right once: a service file or a certificate is away
)
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
STATEMENT_TIMEOUT = 30.0
CANCEL_WITHIN = 2.0
LONGEST_NAME = 63  # of an application; PostgreSQL hangs up on one of many thousand characters


def pauses() -> Iterator[float]:
    """Yield how many seconds to wait before asking again: longer each time, and never alike."""
    pause = FIRST_PAUSE
    while True:
        yield random.uniform(0.5, 1.0) * pause  # noqa: S311  # jitter
        pause = min(pause * 2, LONGEST_PAUSE)


@dataclass(frozen=True)
class Footing:
    """How a connection stands.

    `is_direct`: it talks to the server itself; a pooler gives out process numbers of its own.
    `begins`: transactions would not be as ours have to be, unless they begin with `BEGIN`.
    """

    is_direct: bool
    begins: bool


class AwayError(Exception):
    """Raised when the database is not there, so that nobody knows what it would have said."""


class BrokenOffError(PgdispatchError):
    """Raised when others were in the way, or the session was: tried again, it may go well."""


class Session:
    """One connection, for one statement at a time, made anew when it breaks.

    With `on_notify` it also listens, and calls that with the payload of each notification; not
    behind a pooler, which would give them to whoever uses the server's session by then. Nothing
    depends on them. `patience`: a connection that has not answered for so many seconds counts as
    dead; None: STATEMENT_TIMEOUT. `prepares`: its statements are few and come often, so each is
    prepared once on a connection, unless a pooler stands in between. `is_away`: the last call
    found no database, as `outage` tells.
    `server_version`: the major version of the server; None as long as there was none.
    `has_encoding`: its database holds texts, not just any bytes.
    """

    def __init__(
        self,
        dsn: str,
        *,
        name: str,
        on_notify: Callable[[str], None] | None = None,
        patience: float | None = None,
        prepares: bool = False,
        outage: Outage | None = None,
    ) -> None:
        """Note where to connect and whom to tell; the first call does."""
        self._patience = STATEMENT_TIMEOUT if patience is None else patience
        self._dsn = dsn
        self._name = name
        self._on_notify = on_notify
        self._connection: asyncpg.Connection | None = None
        self.server_version: int | None = None
        self.has_encoding = True
        self._prepares = prepares
        self._prepared: dict[str, PreparedStatement] | None = None
        self._begins = False
        self._turn = asyncio.Lock()
        self.outage = outage or Outage(name)
        self.is_away = False

    async def call(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Run one statement as a transaction of its own and return its rows.

        Lists in `values` go as arrays of texts (see `statements`).
        Raises our own errors for refusals (`BrokenOffError` if it may be tried again), and
        `AwayError` when the database is not there.
        """
        async with self._turn:
            connection = None
            try:
                connection = await self._connected()
                rows = await self._fetch(connection, statement, [_sent(one) for one in values])
            except FAILURES as error:  # before the connection was there: whatever it was
                found = Meaning.AWAY if connection is None else meaning_of(error)
                if connection is not None and isinstance(error, TimeoutError):
                    await _give_up(connection)
                if self._begins or found in (Meaning.AWAY, Meaning.CHANGED):
                    await self._drop()  # where we begin, with the transaction that is open
                self.is_away = found is Meaning.AWAY
                if found is Meaning.AWAY:
                    is_lost = connection is not None and is_loss(getattr(error, "sqlstate", None))
                    self.outage.away(self._name, reason_of(error), is_lost=is_lost)
                    raise AwayError(_words(error)) from error
                self.outage.back(self._name)
                raise _translated(error, found) from error
            self.is_away = False
            self.outage.back(self._name)
        return rows

    async def insist(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Run one statement like `call`, and again until the database has answered.

        What others, or an upgrade of the schema, have broken off is tried again a few times only.
        """
        tries = 0
        for pause in pauses():
            try:
                return await self.call(statement, *values)
            except AwayError:  # that is told by the outage
                pass
            except BrokenOffError as error:
                tries += 1
                if tries >= TRIES:
                    raise
                logger.warning("%s: %s", self._name, error)
            await asyncio.sleep(pause)
        raise AssertionError("pauses do not end")

    async def close(self) -> None:
        """Close the connection, if there is one."""
        async with self._turn:
            await self._drop()

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            connection, footing = await open_session(
                self._dsn,
                name=f"pgdispatch {self._name}"[:LONGEST_NAME],
                command_timeout=STATEMENT_TIMEOUT,
            )
            connection.add_log_listener(self._warned)
            try:
                if self._on_notify is not None and footing.is_direct:
                    await self._listen(connection, self._on_notify)
            except BaseException:  # cancelled, too: one that does not listen is of no use
                connection.terminate()
                raise
            self._connection, self._begins = connection, footing.begins
            self._prepared = {} if self._prepares and footing.is_direct else None
            self.server_version = connection.get_server_version().major
            encoding = connection.get_settings().server_encoding
            self.has_encoding = encoding != session_settings.NO_ENCODING
        return self._connection

    async def _listen(self, connection: asyncpg.Connection, tell: Callable[[str], None]) -> None:
        await connection.add_listener("pgdispatch", lambda *told: tell(told[-1]))

    async def _fetch(
        self, connection: asyncpg.Connection, statement: str, values: Sequence[Any]
    ) -> list[asyncpg.Record]:
        if self._begins:
            await connection.execute(session_settings.BEGIN)
        rows: list[asyncpg.Record]
        if self._prepared is None:
            rows = await connection.fetch(statement, *values, timeout=self._patience)
        else:
            if statement not in self._prepared:
                self._prepared[statement] = await connection.prepare(
                    statement,
                    name=f"pgdispatch_{len(self._prepared)}",  # without one it is not kept
                    timeout=self._patience,
                )
            rows = await self._prepared[statement].fetch(*values, timeout=self._patience)
        if self._begins:
            await connection.execute("commit")
        return rows

    def _warned(self, _connection: Any, message: asyncpg.PostgresLogMessage) -> None:
        is_end = str(message.sqlstate).startswith("57P")  # of the connection: see outage
        if message.severity_en == "WARNING" and not is_end:
            hint = "" if message.hint is None else f" ({message.hint})"
            logger.warning("%s: the database warns: %s%s", self._name, message.message, hint)

    async def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


async def _give_up(connection: asyncpg.Connection) -> None:
    """Have the server give up a statement that it has not answered, if it is there."""
    with suppress(*FAILURES):
        await connection.close(timeout=CANCEL_WITHIN)  # which lets the driver's request go first


async def open_session(
    dsn: str, *, name: str, **options: Any
) -> tuple[asyncpg.Connection, Footing]:
    """Return an asyncpg connection with all fixed that may be, and how it stands.

    `name` is its application's, `options` go to `asyncpg.connect`.
    """
    connection = await _connect_first(dsn, name, options)
    try:
        return connection, await _fix_session(connection)
    except BaseException:  # cancelled, too
        connection.terminate()
        raise


async def _connect_first(dsn: str, name: str, options: dict[str, Any]) -> asyncpg.Connection:
    """Connect to the first of the servers that lets us in, as psycopg does."""
    started = {
        "application_name": name,
        "client_encoding": session_settings.ENCODING,
        **session_settings.KEPT,
    }
    tries = attempts(dsn)
    for number, arguments in enumerate(tries, start=1):
        said = {**started, **arguments.pop("server_settings")}
        try:
            return await asyncpg.connect(
                **arguments, **options, statement_cache_size=0, server_settings=said
            )
        except FAILURES:
            if number == len(tries):
                raise
    raise AssertionError("a connection string names one server at least")


async def _fix_session(connection: asyncpg.Connection) -> Footing:
    pid, is_odd = await connection.fetchrow(session_settings.ASK)
    is_direct = pid == connection.get_server_pid()
    if is_direct:
        await connection.fetchrow(session_settings.SET_OWN)
    return Footing(is_direct, begins=is_odd and not is_direct)


def meaning_of(error: BaseException) -> Meaning:
    """Return what one of `FAILURES` means, after the connection was there."""
    said = error.__cause__  # what the server said before it hung up
    sqlstate = getattr(said if isinstance(said, asyncpg.PostgresError) else error, "sqlstate", None)
    if sqlstate is not None:
        return meaning(sqlstate)
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
        return Meaning.REFUSED  # a value that cannot be sent
    is_outdated = isinstance(error, asyncpg.OutdatedSchemaCacheError)
    return Meaning.CHANGED if is_outdated else Meaning.AWAY


def _sent(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [None if one is None else str(one) for one in value]


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__  # that time is up is without words


def _translated(error: BaseException, found: Meaning) -> PgdispatchError:
    message = str(getattr(error, "message", None) or _words(error))
    detail, hint = getattr(error, "detail", None), getattr(error, "hint", None)
    if found is not Meaning.REFUSED:
        return BrokenOffError(message, detail=detail, hint=hint)
    ours = from_sqlstate(getattr(error, "sqlstate", None), message, detail, hint)
    return ours or PgdispatchError(message, detail=detail, hint=hint)
