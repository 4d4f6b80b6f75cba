"""One look at the database: what the screen shows, as of one moment, and what one may do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from psycopg import IsolationLevel
from psycopg.rows import dict_row

from pgdispatch_cli.commands.status import MOST
from pgdispatch_cli.connection import connect, fix_transaction, show_warning
from pgdispatch_cli.failure import explain, is_connection_failure
from pgdispatch_cli.top import statements
from pgdispatch_cli.top.panes import OF_ALL_SITES

Row = Mapping[str, Any]
NAME = "pgdispatch top"
PATIENCE = 5  # seconds for a server that does not let us in
STATEMENTS = {
    "queue": statements.QUEUE,
    "ended": statements.ENDED,
    "gates": statements.GATES,
    "schedules": statements.SCHEDULES,
    "nodes": statements.NODES,
}
LEDGER = 2000  # runs at most of the last hour


HEAD, DEEP = 200, 1000  # places of the queue that are read, at first and at most
UPPER, LOWER = "backgrounders", "queue"  # the panes of the screen, to begin with


@dataclass(frozen=True)
class Wish:
    """What is to be read: of which panes and site (None: all), which job, and the last hour.

    `depth`: how many places of the queue.
    """

    panes: Collection[str] = (UPPER, LOWER)
    site: str | None = None
    job: int | None = None
    has_hour: bool = False
    depth: int = HEAD


@dataclass(frozen=True)
class Options:
    """What the command was told. `interval`: seconds; `by`: who acts, for the record."""

    interval: float = 2.0
    is_read_only: bool = False
    site: str | None = None
    pane: str | None = None
    by: str = ""

    @property
    def lower(self) -> str:
        """The pane below, to begin with."""
        return LOWER if self.pane in {None, UPPER} else str(self.pane)

    @property
    def first_wish(self) -> Wish:
        """What the live screen reads at first."""
        return Wish((UPPER, self.lower), self.site)


@dataclass(frozen=True)
class Rights:
    """What the person at the screen may do: by verb, and of which sites; None: of all."""

    verbs: frozenset[str] = frozenset()
    sites: Sequence[str] | None = None
    sees_nodes: bool = True

    @property
    def is_confined(self) -> bool:
        """Whether they are confined to some sites."""
        return self.sites is not None

    def may(self, verb: str) -> bool:
        """Tell whether they may do something."""
        return verb in self.verbs


@dataclass(frozen=True)
class Looked:
    """What was there at one moment.

    `panes`: the rows of each pane that was read; `failures`: why one was not. The backgrounders and
    the head of the queue always are. `waiting`: how many wait; with `is_more` it is more.
    `notices`: kind and words of what needs somebody. `runs`: those of the last hour, for strips.
    `job`: what was asked of one job, None if there is none of that number. `wish`: what was asked.
    """

    wish: Wish
    at: datetime
    rights: Rights
    panes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    waiting: int = 0
    is_more: bool = False
    sites: Sequence[str] = ()
    notices: Sequence[Row] = ()
    runs: Sequence[Row] = ()
    job: dict[str, Any] | None = None

    @property
    def processes(self) -> list[dict[str, Any]]:
        """The backgrounders."""
        return self.panes.get("backgrounders", [])

    @property
    def queue(self) -> list[dict[str, Any]]:
        """The head of the queue."""
        return self.panes.get("queue", [])


class Session:
    """The one connection of the screen. Made when it is needed, and anew when it was lost."""

    def __init__(self, dsn: str, *, is_read_only: bool) -> None:
        """Work on the database `dsn`; `is_read_only`: there are no verbs."""
        self._dsn = dsn
        self._is_read_only = is_read_only
        self._connection: psycopg.Connection | None = None
        self.warnings: list[str] = []
        self.place = ""  # which database it is, as people say it

    def look(self, wish: Wish) -> Looked:
        """Return what there is to see.

        Raises `psycopg.OperationalError` if the database is away; the next call tries again.

        Transaction: one of its own, read-only, in which all is as of one moment; rolled back.
        """
        with self._transaction(is_read_only=True) as connection:
            return _Look(connection, wish, is_read_only=self._is_read_only).take()

    def act(self, statement: str, values: Mapping[str, Any]) -> Any:
        """Call a verb; return what it returns. The database's refusal is raised as it is.

        Transaction: one of its own, committed.
        """
        if self._is_read_only:
            raise AssertionError("nothing is changed with --read-only")
        with self._transaction(is_read_only=False) as connection:
            cursor = connection.execute(statement, values)
            found = cursor.fetchone() if cursor.description else (cursor.rowcount,)
            connection.commit()
        return None if found is None else found[0]

    def anew(self) -> Session:
        """Return a session like this one, without its connection, which is left to its own."""
        other = Session(self._dsn, is_read_only=self._is_read_only)
        other.place = self.place
        return other

    def close(self) -> None:
        """Close the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @contextmanager
    def _transaction(self, *, is_read_only: bool) -> Iterator[psycopg.Connection]:
        connection = self._connected()
        try:
            connection.rollback()
            connection.read_only = is_read_only
            connection.isolation_level = (
                IsolationLevel.REPEATABLE_READ if is_read_only else IsolationLevel.READ_COMMITTED
            )
            fix_transaction(connection)
            connection.execute(statements.LIMITS)
            yield connection
            connection.rollback()
        except BaseException as error:
            if connection.closed or (
                isinstance(error, psycopg.Error) and is_connection_failure(error)
            ):
                self.close()
            else:
                connection.rollback()
            raise

    def _connected(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            connection = connect(self._dsn, checked=True, application_name=NAME, patience=PATIENCE)
            connection.remove_notice_handler(show_warning)
            connection.add_notice_handler(self._warned)
            host = connection.info.host
            at = "" if not host or host.startswith("/") else f" @ {host}"
            self._connection, self.place = connection, f"{connection.info.dbname}{at}"
        return self._connection

    def _warned(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            self.warnings.append(notice.message_primary or "")


@dataclass
class _Look:
    """One look in the making."""

    connection: psycopg.Connection
    wish: Wish
    is_read_only: bool
    failures: dict[str, str] = field(default_factory=dict)

    def take(self) -> Looked:
        """Read everything that is wished for."""
        (found,) = self._rows(statements.RIGHTS)
        rights = self._rights(found)
        panes = {}
        for name in (UPPER, LOWER, *self.wish.panes):
            if name not in panes and (name not in OF_ALL_SITES or rights.sees_nodes):
                panes[name] = self._try(name, self._statement(name, rights))
        waiting, is_more = self._count(panes["queue"], rights)
        panes["queue"] = [row for row in panes["queue"] if row["job"] is not None]
        return Looked(
            wish=self.wish,
            at=found["at"],
            rights=rights,
            panes=panes,
            failures=self.failures,
            waiting=waiting,
            is_more=is_more,
            sites=[row["name"] for row in self._rows(statements.SITES)],
            notices=self._notices(rights),
            runs=self._try("strips", statements.STRIPS) if self.wish.has_hour else [],
            job=None if self.wish.job is None else self._job(),
        )

    def _count(self, queue: Sequence[Row], rights: Rights) -> tuple[int, bool]:
        """Return how many wait, and whether it is more: no index knows the sites of somebody."""
        if not rights.is_confined:
            waiting = int(self._rows(statements.WAITING)[0]["waiting"])
            return min(waiting, MOST), waiting > MOST
        own = [row for row in queue if row["job"] is not None]
        return len(own), not all(row["is_complete"] for row in queue)

    def _rows(self, statement: str) -> list[dict[str, Any]]:
        cursor = psycopg.Cursor(self.connection, row_factory=dict_row)
        values = {"site": self.wish.site, "job": self.wish.job, "depth": self.wish.depth}
        return cursor.execute(statement, values).fetchall()

    def _try(self, name: str, statement: str) -> list[dict[str, Any]]:
        """Read rows; what runs out of time or is not allowed is told in their place."""
        try:
            with self.connection.transaction():
                return self._rows(statement)
        except (
            psycopg.errors.QueryCanceled,
            psycopg.errors.LockNotAvailable,
            psycopg.errors.InsufficientPrivilege,
        ) as error:
            explained = explain(error)
            self.failures[name] = str(explained.message if explained else error)
            return []

    def _statement(self, name: str, rights: Rights) -> str:
        if name == "backgrounders":
            return statements.PROCESSES if rights.sees_nodes else statements.RUNNING
        return STATEMENTS[name]

    def _rights(self, found: Row) -> Rights:
        of_all = {"fire", "drain", "enable"}
        verbs = {
            name
            for name in ("cancel", "priority", "run_now", "resume", *of_all)
            if found[name] and not self.is_read_only
        }
        if found["sites"] is not None:
            verbs -= of_all
        return Rights(frozenset(verbs), found["sites"], sees_nodes=found["nodes"])

    def _notices(self, rights: Rights) -> list[Row]:
        asked = {
            "lost": statements.LOST if rights.sees_nodes else None,
            "suspended": statements.SUSPENDED,
            "spent": statements.SPENT,
            "paused": statements.PAUSED,
            "clock": statements.BROKEN_CLOCKS,
        }
        return [
            {"kind": kind, **row}
            for kind, statement in asked.items()
            if statement
            for row in self._try(kind, statement)
        ]

    def _job(self) -> dict[str, Any] | None:
        """Return all that is known of one job; whether it waits, runs or has ended."""
        live = self._rows(statements.LIVE)
        if not live:
            ended = self._rows(statements.OF_HISTORY)
            return {**ended[0], "attempts": self._attempts()} if ended else None
        found = {**live[0], "attempts": self._attempts(), "log": self._log()}
        found["dispatch_state"] = found["state"]
        if found["dispatch_state"] == "running":
            return found
        (order,) = self._rows(statements.TIE_BREAK)
        place = self._try("why", statements.WHY) or [{}]
        gates = self._try("why", statements.OBSTACLES)
        return {**found, "state": "waiting", **place[0], **order, "obstacles": gates}

    def _log(self) -> str:
        """Return the last lines that a job has logged so far."""
        return "\n".join(row["text"] for row in self._try("log", statements.LOG))

    def _attempts(self) -> list[dict[str, Any]]:
        return self._try("attempts", statements.ATTEMPTS)
