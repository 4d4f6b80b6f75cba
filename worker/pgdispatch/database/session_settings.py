"""What our connections rely on, whatever the server, database, role and environment say.

Two kinds, because of poolers. pgbouncer keeps the settings `KEPT` for each of its clients, so every
connection has its own. `OWN` are those of the server's session: behind a pooler others use it next,
and a value set there would be theirs. There they are set for one transaction at a time (`LOCAL`,
`BEGIN`), and what is read must not depend on them: asyncpg gets binary values. Limits of time
(`statement_timeout` …) are the operator's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import IsolationLevel
from psycopg.abc import Buffer
from psycopg.rows import tuple_row
from psycopg.types.string import TextBinaryLoader, TextLoader

from pgdispatch.database import conninfo

ENCODING = "UTF8"  # of the client: without it one title that LATIN1 lacks stops all reading
NO_ENCODING = "SQL_ASCII"  # of a database: it would not send what is no UTF-8 to whoever wants that
KEPT: Mapping[str, str] = {
    "DateStyle": "ISO, MDY",  # as the server writes them: pgbouncer compares
    "TimeZone": "UTC",
    "standard_conforming_strings": "on",
}
OWN: Mapping[str, str] = {
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "client_min_messages": "notice",  # warnings are passed on
    "quote_all_identifiers": "off",
    "search_path": "pg_catalog, pg_temp",
    "row_security": "on",
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
}
UNLIMITED = ("statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout")
BEGIN = "begin isolation level read committed read write"


def _set(settings: Mapping[str, str], *, is_local: bool) -> str:
    calls = (
        f"pg_catalog.set_config('{name}', '{value}', {str(is_local).lower()})"
        for name, value in settings.items()
    )
    return "select " + ", ".join(calls)


SET_KEPT = _set(KEPT, is_local=False)
SET_OWN = _set(OWN, is_local=False)
SET_LOCAL = _set({**KEPT, **OWN}, is_local=True)
SET_NO_ENCODING = f"set client_encoding = '{NO_ENCODING}'"
SAY_WHO = "select pg_catalog.set_config('pgdispatch.by', %s, true)"  # beside a shared login
SET_LOCAL_ZONE = "select pg_catalog.set_config('TimeZone', %s, true)"
SET_UNLIMITED = (
    "select pg_catalog.set_config(name, '0', $2) from pg_catalog.pg_settings where name = any ($1)"
)
SET_READER = "set local datestyle = 'ISO'; set local extra_float_digits = 1"
ASK = """
select
    pg_catalog.pg_backend_pid(),
    not pg_catalog.pg_is_in_recovery() and (
        pg_catalog.current_setting('default_transaction_isolation') <> 'read committed'
        or pg_catalog.current_setting('default_transaction_read_only') <> 'off'
    )
"""


def connect(dsn: str, **options: Any) -> psycopg.Connection[Any]:
    """Return a psycopg connection with all fixed that may be.

    `options` go to `psycopg.connect`. Raises `ConnectionStringError` before it connects.
    """
    connection = conninfo.connect(dsn, client_encoding=ENCODING, **options)
    try:
        _fix(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _fix(connection: psycopg.Connection[Any]) -> None:
    connection.isolation_level = IsolationLevel.READ_COMMITTED  # of what psycopg begins
    cursor = psycopg.RawCursor(connection, row_factory=tuple_row)
    cursor.execute(SET_KEPT)
    pid, is_odd = cursor.execute(ASK).fetchone() or (0, False)
    is_direct = pid == connection.info.backend_pid
    if is_direct:
        cursor.execute(SET_OWN)
    if connection.info.parameter_status("server_encoding") == NO_ENCODING:
        cursor.execute(SET_NO_ENCODING)
        _read_leniently(connection)
    if not connection.autocommit:
        connection.commit()
    if is_odd and not is_direct:
        connection.read_only = False


def fix_transaction(connection: psycopg.Connection[Any]) -> None:
    """Fix everything until the end of the transaction, which may be behind a pooler.

    Transaction: joins the caller's.
    """
    connection.execute(SET_LOCAL)


def lift_limits(connection: psycopg.Connection[Any]) -> None:
    """Let a connection take all the time it needs, as pg_dump does; it has to be direct.

    Transaction: of its own, committed.
    """
    psycopg.RawCursor(connection).execute(SET_UNLIMITED, [list(UNLIMITED), False])
    connection.commit()


def lift_limits_locally(connection: psycopg.Connection[Any]) -> None:
    """Let the transaction take all the time it needs, which may be behind a pooler.

    Transaction: joins the caller's.
    """
    psycopg.RawCursor(connection).execute(SET_UNLIMITED, [list(UNLIMITED), True])


def _read_leniently(connection: psycopg.Connection[Any]) -> None:
    """Let texts through that are no UTF-8."""
    for loader in (_Text, _BinaryText):
        for name in ("text", "varchar", "name"):
            connection.adapters.register_loader(name, loader)


class _Text(TextLoader):
    def load(self, data: Buffer) -> str:
        return bytes(data).decode(errors="replace")


class _BinaryText(TextBinaryLoader):
    def load(self, data: Buffer) -> str:
        return bytes(data).decode(errors="replace")
