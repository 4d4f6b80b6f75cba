"""Who has signed in: one session a person, with a connection, and an end."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar, cast

import psycopg

from pgdispatch.database import session_settings
from pgdispatch.errors import PgdispatchError
from pgdispatch.web.console import statements
from pgdispatch.web.console.asked import Rights
from pgdispatch.web.console.login import AwayError, Link, Login, ShutOutError
from pgdispatch.web.console.vouching import vouched

logger = logging.getLogger("pgdispatch")

IDLE, LIFE = 30 * 60.0, 12 * 3600.0  # seconds without a person's request; altogether
RIGHTS_LAST = 60.0
TRIES, TRIES_LAST = 5, 60.0  # wrong passwords of one name from one address
Found = TypeVar("Found")


class FullError(PgdispatchError):
    """So many people have signed in that there is no connection left."""


@dataclass(frozen=True)
class Notice:
    """What became of an action, for the next page: `kind` is `done` or `refused`.

    `path`: where what it was about is from now on, if the page that it was asked on is no more.
    """

    kind: str
    text: str
    detail: str | None = None
    hint: str | None = None
    path: str | None = None


@dataclass(eq=False)
class Session:
    """A person who has signed in. Times are of `time.monotonic()`.

    `turn` is held by whoever uses the connection; `token` is in each form of the person's pages.
    """

    login: Login
    entered_at: float
    seen_at: float
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    notice: Notice | None = None
    rights: Rights = field(default_factory=Rights)
    rights_at: float | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_over: bool = False
    _link: Link | None = None

    @property
    def person(self) -> str:
        """The database user."""
        return self.login.person

    def take_notice(self) -> Notice | None:
        """Return the notice, once."""
        notice, self.notice = self.notice, None
        return notice

    def look(self, read: Callable[[Link, datetime], Found], zone: str = "UTC") -> Found:
        """Return what `read` returns; it gets the connection and the time of the snapshot.

        The database writes times out in `zone`. A connection that was lost is made anew, once.
        Raises `AwayError`, `ShutOutError`.

        Transaction: one of its own, read only, of one snapshot.
        """
        for is_last in (self._link is None, True):
            try:
                with self._snapshot(zone) as (link, at):
                    return read(link, at)
            except psycopg.OperationalError as error:
                if self._link is not None and not self._link.closed:
                    raise
                self.drop()
                if is_last:
                    raise AwayError("the database gives no answer") from error
        raise AwayError("the database gives no answer")

    def adopt(self, link: Link) -> None:
        """Take a connection, which looks only and sees one snapshot in each transaction."""
        link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        link.read_only = True
        self._link = link

    def drop(self) -> None:
        """Close the connection, if there is one."""
        link, self._link = self._link, None
        if link is not None:
            with suppress(psycopg.Error):
                link.close()

    @contextmanager
    def _snapshot(self, zone: str) -> Iterator[tuple[Link, datetime]]:
        if self._link is None:
            self.adopt(self.login.open())
        link = cast("Link", self._link)
        with link.transaction():
            at = settle(link, self.login, statements.LOOKING)
            if zone != "UTC":
                with suppress(psycopg.errors.InvalidParameterValue), link.transaction():
                    link.execute(session_settings.SET_LOCAL_ZONE, [zone])
            yield link, at


def settle(link: Link, login: Login, settings: str) -> datetime:
    """Fix the settings of a transaction that has just begun, and whose it is.

    Raises `ShutOutError` if the console may not be that person.

    Transaction: joins the caller's, and lasts as long.
    """
    row = link.execute(settings).fetchone() or {}
    if login.token is not None:
        vouched(link, login)
    if login.role is not None:
        _become(link, login.role)
    return row["at"]  # type: ignore[no-any-return]  # the statement ends in now()


def _become(link: Link, role: str) -> None:
    if role == link.info.user:
        raise ShutOutError(f"{role} is the console's own user, and no person's")
    try:
        link.execute(statements.BE, [role])
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue) as error:
        raise ShutOutError(
            f"the console may not be {role}",
            detail=error.diag.message_primary,
            hint=f"grant {role} to {link.info.user}",
        ) from error


@dataclass(eq=False)
class Sessions:
    """All sessions by their secret ids, and who has tried to sign in."""

    most: int
    clock: Callable[[], float] = time.monotonic
    _by_id: dict[str, Session] = field(default_factory=dict)
    _closing: set[asyncio.Task[None]] = field(default_factory=set)
    _tries: defaultdict[tuple[str, str], deque[float]] = field(
        default_factory=lambda: defaultdict(deque)
    )

    def add(self, name: str, login: Login) -> Session:
        """Return a new session under a name that is secret, or vouched for. Raises `FullError`."""
        self.end_old()
        if len(self._by_id) >= self.most:
            raise FullError(
                f"{self.most} people have signed in already",
                hint="try again later, or ask for a greater --max-people",
            )
        at = self.clock()
        session = self._by_id[name] = Session(login, at, at)
        return session

    def find(self, name: str | None, *, is_person: bool = True) -> Session | None:
        """Return a session that goes on; `is_person`: the request is not a page's own."""
        session = self._by_id.get(name or "")
        if session is None or self._is_old(session):
            return None
        if is_person:
            session.seen_at = self.clock()
        return session

    def make_room(self, prefix: str, idle: float) -> None:
        """End the session whose name begins so that has been idle longest, and so long at least.

        Only if there is no room for another.
        """
        self.end_old()
        if len(self._by_id) < self.most:
            return
        idle_ones = [
            (session.seen_at, name)
            for name, session in self._by_id.items()
            if name.startswith(prefix) and self.clock() - session.seen_at >= idle
        ]
        if idle_ones:
            self.end(min(idle_ones)[1])

    def end(self, name: str | None) -> None:
        """End a session and close its connection, now or when what runs there has ended."""
        session = self._by_id.pop(name or "", None)
        if session is not None:
            session.is_over = True
            task = asyncio.get_running_loop().create_task(_close(session))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def end_old(self) -> None:
        """End the sessions whose time is over."""
        for name, session in list(self._by_id.items()):
            if self._is_old(session):
                self.end(name)

    def end_all(self) -> None:
        """Close all connections at once."""
        for session in self._by_id.values():
            session.drop()
        self._by_id.clear()

    def is_barred(self, user: str, address: str) -> bool:
        """Tell whether there were too many tries within a minute, without counting one."""
        since = self.clock() - TRIES_LAST
        return sum(at > since for at in self._tries.get((user, address), ())) >= TRIES

    def may_try(self, user: str, address: str) -> bool:
        """Count a try to sign in; tell whether it is one too many within a minute."""
        at = self.clock()
        for key in [key for key, tries in self._tries.items() if tries[-1] <= at - TRIES_LAST]:
            del self._tries[key]
        tries = self._tries[user, address]
        while tries and tries[0] <= at - TRIES_LAST:
            tries.popleft()
        if len(tries) >= TRIES:
            return False
        tries.append(at)
        return True

    def forget_tries(self, user: str, address: str) -> None:
        """Count none of the tries of somebody who has got in."""
        self._tries.pop((user, address), None)

    def _is_old(self, session: Session) -> bool:
        at = self.clock()
        return at - session.seen_at > IDLE or at - session.entered_at > LIFE


async def _close(session: Session) -> None:
    async with session.turn:
        session.drop()
