"""A stored procedure as a handler: the job as one jsonb parameter, its notices as the log tail."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict

import psycopg
from psycopg import sql

from pgdispatch.database import conninfo
from pgdispatch.database.session_settings import ENCODING
from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.handler import Context, Handler
from pgdispatch.outcome import PAUSE, Fail, Snooze

LOOK_EVERY = 0.2
FOR_GOOD, LATER = "JD101", "JD102"


class ProcedureError(PgdispatchError):
    """The procedure could not be called, or raised an error."""


def procedure(name: str, *, dsn: str) -> Handler:
    """Return a handler that runs `call NAME(job jsonb)` on a connection of its own to `dsn`.

    `name` is `schema.procedure`, as configured by the node's operator. The procedure may commit
    between its steps. What it raises as notice or warning becomes the log; an error fails the
    job, whose log then says where. One with SQLSTATE JD101 fails it for good, after one with JD102
    it is tried again in a minute, or as many seconds as the detail says, and nothing has failed.
    Asked to stop, its statement is cancelled. Whether there is such a procedure is seen when it is
    called: its database may be away, or older, before.
    """
    parts = name.split(".")
    if not all(parts) or len(parts) > 2:
        raise InvalidInputError(
            f"{name!r} is not the name of a procedure", hint="write schema.procedure"
        )
    call = sql.SQL("call {}({}::jsonb)").format(sql.Identifier(*parts), sql.Placeholder())

    def handle(context: Context) -> None:
        try:
            _call(context, dsn, call)
        except psycopg.Error as error:
            said = str(error).strip()
            context.log(said)
            first = error.diag.message_primary or said.partition("\n")[0]
            _judge(error, first, kind=f"the procedure {name[-30:]} failed")
            raise ProcedureError(f"the procedure {name} failed: {first}") from error

    return handle


def _judge(error: psycopg.Error, said: str, *, kind: str) -> None:
    """Raise what the SQLSTATE of an error says that shall become of the job, if it does."""
    if error.sqlstate == FOR_GOOD:
        raise Fail(said, kind=kind) from error
    if error.sqlstate == LATER:
        try:
            snooze = Snooze(said, after=float(error.diag.message_detail or PAUSE), kind=kind)
        except (ValueError, InvalidInputError):
            snooze = Snooze(said, after=PAUSE, kind=kind)
        raise snooze from error


def _call(context: Context, dsn: str, call: sql.Composed) -> None:
    job = json.dumps(asdict(context.job), default=str)
    with conninfo.connect(
        dsn,
        autocommit=True,
        client_encoding=ENCODING,
        application_name=f"pgdispatch job {context.job.id}",
    ) as connection:
        connection.add_notice_handler(
            lambda diagnostic: context.log(diagnostic.message_primary or "")
        )
        done = threading.Event()
        watcher = threading.Thread(target=_watch, args=(context, connection, done), daemon=True)
        watcher.start()
        try:
            connection.execute(call, [job])
        finally:
            done.set()
            watcher.join()


def _watch(context: Context, connection: psycopg.Connection, done: threading.Event) -> None:
    while not done.wait(LOOK_EVERY):
        if context.stop_requested is not None:
            connection.cancel_safe(timeout=5)
            return
