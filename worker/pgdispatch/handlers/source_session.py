"""Sessions in a source database: who asks, read-only where nothing is written, and stoppable."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import Connection, IsolationLevel, sql

from pgdispatch.database import conninfo
from pgdispatch.database.session_settings import ENCODING, SET_READER
from pgdispatch.errors import PgdispatchError
from pgdispatch.handlers.catalogue.definition import Source

if TYPE_CHECKING:
    from pgdispatch.handler import Context

STOP_CHECK = 0.2  # seconds between two looks whether the job should stop


@contextmanager
def reading(context: Context, source: Source) -> Iterator[Connection[Any]]:
    """Open a read-only session in which every query sees one snapshot.

    A running query is interrupted when the job is asked to stop. What the database refuses is
    raised as PgdispatchError that names the source.

    Transaction: one of its own in the source, repeatable read.
    """
    with _session(context, source) as connection:
        connection.read_only = True
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.execute(SET_READER)
        yield connection


@contextmanager
def writing(context: Context, source: Source) -> Iterator[Connection[Any]]:
    """Open a session that commits when the block ends without an error; otherwise as `reading`.

    Transaction: one of its own in the source, commits at the end.
    """
    with _session(context, source) as connection:
        connection.execute(SET_READER)
        yield connection
        context.check_stop()  # a stop between two statements must not end in a commit


def statement(text: str) -> sql.SQL:
    """Return SQL of the operator's catalogue, as it is; never text from a job's row."""
    return sql.SQL(text)


def subquery(query: str, rest: sql.Composable) -> sql.Composed:
    """Return `select * from (query) as q`, followed by `rest`.

    The line break lets a query end in a comment.
    """
    start, end = sql.SQL("select * from (\n"), sql.SQL("\n) as q ")
    return sql.Composed([start, statement(query), end, rest])


@contextmanager
def _session(context: Context, source: Source) -> Iterator[Connection[Any]]:
    options: dict[str, Any] = {
        "application_name": f"pgdispatch job {context.job.id} {context.job.type}",
        "client_encoding": ENCODING,  # without it a SQL_ASCII database gives bytes for texts
    }
    try:
        with (
            conninfo.connect(source.conninfo(), **options) as connection,
            _interrupted_on_stop(context, connection),
        ):
            yield connection
    except psycopg.Error as error:
        if isinstance(error, psycopg.errors.QueryCanceled):
            context.check_stop()
        raise _explained(source, error) from error


@contextmanager
def _interrupted_on_stop(context: Context, connection: Connection[Any]) -> Iterator[None]:
    done = threading.Event()

    def watch() -> None:
        while not done.wait(STOP_CHECK):
            if context.stop_requested is not None:
                with suppress(psycopg.Error):
                    connection.cancel_safe(timeout=5)

    watcher = threading.Thread(target=watch, name="stop", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _explained(source: Source, error: psycopg.Error) -> PgdispatchError:
    message = error.diag.message_primary or str(error).strip()
    facts = [error.diag.message_detail, error.diag.context]
    if error.sqlstate:
        facts.append(f"SQLSTATE {error.sqlstate}")
    return PgdispatchError(
        f'source "{source.name}": {message}',
        detail="; ".join(fact for fact in facts if fact) or None,
        hint=error.diag.message_hint,
    )
