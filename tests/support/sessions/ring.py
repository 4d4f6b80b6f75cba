"""Sessions that run beside each other, step by step, in one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg

from support.nodes.processes import wait_until
from support.sessions.verbs import Verbs

T = TypeVar("T")


class Session:
    """One database session with a thread of its own, so that it may wait for a lock."""

    def __init__(self, dsn: str, *, begin: bool = False) -> None:
        self.connection = psycopg.connect(dsn, autocommit=True, options="-c search_path=public")
        self.verbs = Verbs(self.connection)
        self.pid = self.connection.info.backend_pid
        self._thread = ThreadPoolExecutor(max_workers=1)
        if begin:
            self.begin()

    def begin(self) -> None:
        """Open a transaction."""
        self.connection.execute("begin")

    def commit(self) -> None:
        """Commit the open transaction."""
        self.connection.execute("commit")

    def rollback(self) -> None:
        """Roll the open transaction back."""
        self.connection.execute("rollback")

    def start(self, act: Callable[[Verbs], T]) -> Future[T]:
        """Begin an act in the session's thread."""
        return self._thread.submit(act, self.verbs)

    def close(self) -> None:
        """Break off whatever is going on, and disconnect."""
        self.connection.cancel()
        self._thread.shutdown(wait=True)
        self.connection.close()


class Ring:
    """Opens sessions to one database and sees who of them waits for a lock."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.sessions: list[Session] = []
        self.watch = Verbs(psycopg.connect(dsn, autocommit=True))

    def session(self, *, begin: bool = False) -> Session:
        """Open a session, with a transaction in it if asked to."""
        self.sessions.append(Session(self.dsn, begin=begin))
        return self.sessions[-1]

    def start_waiting(self, session: Session, act: Callable[[Verbs], T]) -> Future[T]:
        """Begin an act and return once it is seen waiting for a lock."""
        started = session.start(act)
        wait_until(lambda: self.is_waiting(session) or self._over_early(started))
        return started

    def is_waiting(self, session: Session) -> bool:
        """Tell whether a session waits for a lock now."""
        return bool(
            self.watch.value(
                "select exists (select from pg_stat_activity "
                "where pid = %s and wait_event_type = 'Lock')",
                session.pid,
            )
        )

    def deadlocks(self) -> int:
        """Return how many deadlocks the server has seen in this database."""
        return int(
            self.watch.value("select deadlocks from pg_stat_database "
                             "where datname = current_database()")
        )  # fmt: skip

    def close(self) -> None:
        """Close all sessions."""
        for session in self.sessions:
            session.close()
        self.watch.connection.close()

    @staticmethod
    def _over_early(started: Future[Any]) -> bool:
        if started.done():
            started.result()
            raise TimeoutError("the act was over without waiting for a lock")
        return False


@contextmanager
def open_ring(dsn: str) -> Iterator[Ring]:
    """Give a ring whose sessions are closed at the end."""
    ring = Ring(dsn)
    try:
        yield ring
    finally:
        ring.close()
