"""The schema of the measurement: made for it, and dropped whatever happens."""

from __future__ import annotations

import signal
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import psycopg
from psycopg import sql

from pgdispatch.bench import bench_sql
from pgdispatch.bench.rendering import check_name, scripts
from pgdispatch.database import session_settings
from pgdispatch.errors import PgdispatchError, WrongStateError

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def own_schema(dsn: str, schema: str) -> Iterator[None]:
    """Install pgdispatch into a schema of that name, and drop it at the end.

    SIGTERM and SIGHUP end the block like SIGINT, by KeyboardInterrupt; while the schema is being
    dropped all three are ignored. Raises `WrongStateError` if there is such a schema, which is
    then left alone, and `PgdispatchError` when the database user lacks a right.

    Transaction: one to install, one to drop, on connections of their own.
    """
    check_name(schema)
    mark = f"measurement {uuid.uuid4().hex}"
    with _interruptible():
        try:
            install(dsn, schema, mark)
            yield
        finally:
            _ignore()
            drop(dsn, schema, mark)


def install(dsn: str, schema: str, mark: str) -> None:
    """Make the schema and everything in it, or nothing; its comment is the mark.

    Transaction: one of its own.
    """
    with session_settings.connect(dsn) as connection:
        if connection.execute(bench_sql.EXISTS, [schema]).fetchone():
            raise WrongStateError(
                f"schema {schema} exists already",
                hint=f"name another one with --schema, or: drop schema {schema} cascade",
            )
        connection.execute("set local check_function_bodies = off")
        connection.execute("set local client_min_messages = warning")
        try:
            connection.execute(named(bench_sql.CREATE, schema))
            for _, text in scripts(schema):
                connection.execute(sql.SQL(text))
            for statement in (bench_sql.ROLL_HISTORY, bench_sql.PLAIN_TABLE, bench_sql.MARK):
                connection.execute(named(statement, schema, mark=mark))
        except psycopg.errors.InsufficientPrivilege as error:
            raise PgdispatchError(
                f"this database user may not make a schema: {error.diag.message_primary}",
                hint="measure as the database's owner, or grant create on the database",
            ) from error


def drop(dsn: str, schema: str, mark: str) -> None:
    """Drop the schema with everything in it, if it is the one with this mark.

    Transaction: one of its own.
    """
    with session_settings.connect(dsn) as connection:
        if connection.execute(bench_sql.IS_MARKED, [schema, mark]).fetchone():
            connection.execute("set local client_min_messages = warning")
            connection.execute(named(bench_sql.DROP, schema))


def named(statement: str, schema: str, **more: Any) -> sql.SQL:
    """Return a statement of `bench_sql` for a schema whose name has been checked."""
    return sql.SQL(statement.format(schema=schema, **more))


@contextmanager
def _interruptible() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDING}
    try:
        for number in ENDING:
            signal.signal(number, _interrupt)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _ignore() -> None:
    if threading.current_thread() is threading.main_thread():
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
