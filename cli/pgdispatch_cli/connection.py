"""The connection on which a command looks and changes, and how it reads what the database holds.

What Python has nothing for is read as text: PostgreSQL's calendar goes further than Python's, and
has infinity. One odd row is not to hide all the others.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import cast

import psycopg
from psycopg.abc import Buffer
from psycopg.types.datetime import IntervalLoader, TimestamptzLoader
from psycopg.types.json import set_json_loads

from pgdispatch.database import session_settings
from pgdispatch.database.json_text import read_shallow_json
from pgdispatch.schema.installed import check_installed
from pgdispatch_cli.stderr import write_warning
from pgdispatch_cli.times import shown_zone


def connect(dsn: str, *, checked: bool) -> psycopg.Connection:
    """Return a psycopg connection to `dsn`, outside of a transaction.

    `checked` refuses a schema of another version (`SchemaMismatchError`), as far as this user may
    look at all.
    """
    connection = session_settings.connect(
        dsn,
        fallback_application_name="pgdispatch",
        prepare_threshold=None,  # poolers hand the connection on
    )
    connection.add_notice_handler(show_warning)
    read_everything(connection)
    try:
        if checked:
            check_installed(connection)
    except psycopg.errors.InsufficientPrivilege:
        pass  # a producer may insert but not look: what does not fit shows when it is used
    except BaseException:
        connection.close()
        raise
    connection.rollback()
    return connection


def fix_transaction(connection: psycopg.Connection) -> None:
    """Fix the settings of a transaction that has just begun, perhaps behind a pooler.

    Transaction: joins the caller's, and lasts as long.
    """
    session_settings.fix_transaction(connection)
    use_local_zone(connection)


def show_warning(notice: psycopg.errors.Diagnostic) -> None:
    """Pass on what the database warns of, such as too many backgrounders; no lesser notices."""
    if notice.severity_nonlocalized == "WARNING":
        write_warning(notice.message_primary or "", hint=notice.message_hint)


def use_local_zone(connection: psycopg.Connection) -> None:
    """Let the database write out times in the zone in which the command shows them.

    Transaction: joins the caller's, and lasts as long.
    """
    with suppress(psycopg.Error), connection.transaction():
        connection.execute(session_settings.SET_LOCAL_ZONE, [shown_zone()])


class _Instant(TimestamptzLoader):
    def load(self, data: Buffer) -> datetime:
        try:
            return super().load(data)
        except psycopg.DataError:
            return cast("datetime", bytes(data).decode())


class _Span(IntervalLoader):
    def load(self, data: Buffer) -> timedelta:
        try:
            return super().load(data)
        except (psycopg.DataError, OverflowError):
            return cast("timedelta", bytes(data).decode())


def read_everything(connection: psycopg.Connection) -> None:
    """Let a connection return every instant, span and document, the odd ones as text."""
    connection.adapters.register_loader("timestamptz", _Instant)
    connection.adapters.register_loader("interval", _Span)
    set_json_loads(read_shallow_json, connection)
