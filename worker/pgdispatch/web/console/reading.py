"""How pages read: each in one snapshot, a few at once, and once for all who see the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from anyio import CapacityLimiter, to_thread
from psycopg import sql

from pgdispatch.errors import PgdispatchError
from pgdispatch.web.console import statements
from pgdispatch.web.console.asked import Asked, Rights
from pgdispatch.web.console.login import Link, ShutOutError
from pgdispatch.web.console.page import Page
from pgdispatch.web.console.sessions import RIGHTS_LAST, Session

AT_ONCE = 4  # statements of the whole console
FRESH = 1.0  # seconds that a snapshot serves all who are not confined
Found = TypeVar("Found")


class Rows(list[dict[str, Any]]):
    """Rows of a statement, with its text. `is_late`: there are none, as they took too long."""

    sql: str = ""
    is_late: bool = False

    def but(self, rows: Iterable[dict[str, Any]]) -> Rows:
        """Return these rows in place of those that the statement gave."""
        found = Rows(rows)
        found.sql, found.is_late = self.sql, self.is_late
        return found


@dataclass(frozen=True)
class Answer:
    """What a page has read, at which time of the database, and in how many seconds.

    Those are nothing for whoever gets what another has read.
    """

    context: dict[str, object]
    at: datetime
    took: float


def ask(connection: psycopg.Connection[dict[str, Any]], statement: str, /, **values: Any) -> Rows:
    """Return the rows of a statement whose names in curly brackets are filled in by `values`.

    They are literals in its text, which `Rows.sql` has, and which works in psql as it stands. If it
    takes too long, there are no rows, and `Rows.is_late` says so.

    Transaction: joins the caller's, which goes on even so.
    """
    literals = {name: literal(value) for name, value in values.items()}
    query = sql.SQL(statement).format(**literals)
    rows = Rows()
    rows.sql = query.as_string(connection)
    try:
        with connection.transaction():
            rows += connection.execute(query).fetchall()
    except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable):
        rows.is_late = True
    return rows


def literal(value: object) -> sql.Composable:
    """Return a value as SQL has it, in characters that can be seen and copied."""
    if not isinstance(value, str) or value.isprintable():
        return sql.Literal(value)
    escaped = (
        each if each.isprintable() and each not in "'\\" else f"\\U{ord(each):08X}"
        for each in value
    )
    return sql.SQL(f"E'{''.join(escaped)}'")  # nothing ends it in there


@dataclass(eq=False)
class Reader:
    """Reads for all sessions."""

    room: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(AT_ONCE))
    _shared: dict[object, tuple[float, asyncio.Task[Answer]]] = field(default_factory=dict)

    async def rights(self, session: Session) -> Rights:
        """Return what a person may do, as of a minute ago at most.

        Raises `ShutOutError` for somebody who has no role here.
        """
        at = time.monotonic()
        if session.rights_at is None or at - session.rights_at > RIGHTS_LAST:
            session.rights = await self.alone(session, lambda link, _: rights_of(link, session))
            session.rights_at = at
        return session.rights

    async def read(self, session: Session, page: Page, asked: Asked) -> Answer:
        """Return what a page reads, from a snapshot of a second ago at most if others share it."""
        if not asked.rights.sees_all:
            return await self._read(session, page, asked)
        key = (
            page.TEMPLATE, tuple(asked.path.items()), tuple(asked.query.items()),
            asked.rights, asked.zone,
        )  # fmt: skip
        at = time.monotonic()
        self._shared = {
            key: (begun, task)
            for key, (begun, task) in self._shared.items()
            if at - begun < FRESH or not task.done()
        }
        if key not in self._shared:
            task = asyncio.create_task(self._read(session, page, asked))
            task.add_done_callback(_note)
            self._shared[key] = (at, task)
            return await asyncio.shield(task)
        try:
            return replace(await asyncio.shield(self._shared[key][1]), took=0.0)
        except (PgdispatchError, psycopg.Error):  # theirs may not be ours
            return await self._read(session, page, asked)

    def forget(self) -> None:
        """Share nothing that was read, or begun to be read, before now."""
        self._shared = {}

    async def _read(self, session: Session, page: Page, asked: Asked) -> Answer:
        def look(link: Link, at: datetime) -> Answer:
            begun = time.monotonic()
            context = page.read(link, asked)
            return Answer(context, at, time.monotonic() - begun)

        return await self.alone(session, look, asked.zone)

    async def alone(
        self, session: Session, look: Callable[[Link, datetime], Found], zone: str = "UTC"
    ) -> Found:
        """Return what `look` returns, which is called as in `Session.look`, when it is its turn."""
        async with session.turn:
            if session.is_over:
                raise ShutOutError("you have signed out")
            return await to_thread.run_sync(session.look, look, zone, limiter=self.room)


def rights_of(link: Link, session: Session) -> Rights:
    """Return what a person may do. Raises `ShutOutError` for one who has no role here.

    Transaction: joins the caller's; reads only.
    """
    row = link.execute(statements.IS_LET_IN).fetchone() or {}
    if not row["is_let_in"]:
        raise ShutOutError(
            f"{session.person} has no role here",
            hint=f"pgdispatch grant {session.person} viewer",
        )
    found = link.execute(statements.RIGHTS).fetchone() or {}
    sites, sees_all = found.pop("sites"), found.pop("sees_all")
    verbs = [] if session.login.is_read_only else [name for name, may in found.items() if may]
    return Rights(frozenset(verbs), None if sites is None else tuple(sites), sees_all)


def _note(task: asyncio.Task[Answer]) -> None:
    if not task.cancelled():
        task.exception()  # whoever waits for it is told; nobody may
