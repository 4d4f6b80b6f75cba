"""The embedded server, seen from the process that uses it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from psycopg import sql
from psycopg.conninfo import make_conninfo

from pgdispatch.database import session_settings
from pgdispatch.embedded import folders as places
from pgdispatch.embedded.account import Account, server_account
from pgdispatch.embedded.binaries import Binaries, find_binaries, reachable
from pgdispatch.embedded.failure import EmbeddedServerError
from pgdispatch.embedded.folders import Folders
from pgdispatch.embedded.order import PORT, SUPERUSER, make_order

START_TIMEOUT = 300.0  # seconds; recovery after a crash of a large server takes its time
STOP_TIMEOUT = 90.0  # seconds; longer than all the guard's graces together


class EmbeddedServer:
    """A PostgreSQL server of one's own, on a unix socket that only this account may enter.

    `data_folder` keeps the data from one start to the next; without it the server is temporary
    and leaves nothing. `settings` are PostgreSQL settings, as in postgresql.conf. The server ends
    with this process, even if the process is killed. Use it as a context manager, or call `start`
    and `stop`. All failures are EmbeddedServerError.
    """

    def __init__(
        self,
        data_folder: Path | None = None,
        *,
        binaries: Binaries | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.data_folder = data_folder
        self.binaries = binaries
        self.settings = dict(settings or {})
        self.pid: int | None = None
        self._folders: Folders | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server, making its data first if need be; return once it takes connections.

        Does nothing while it is running. Refuses a data folder that another server is using, or
        that another major version or another user has made.
        """
        if self._guard is None:
            self.binaries = self.binaries or find_binaries()
            account = server_account()
            folders = places.make_folders(self.data_folder, account)
            try:
                self._start_guard(folders, account, self.binaries)
            except BaseException:
                places.discard(folders)
                raise
            self._folders = folders
        if self.pid is None:
            try:
                self.pid = self._ask("start", START_TIMEOUT)
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """Stop the server by a fast shutdown and wait for its end; harmless when it is stopped."""
        guard, self._guard, self.pid = self._guard, None, None
        if guard is None:
            return
        for pipe in (guard.stdin, guard.stdout):
            if pipe is not None:
                pipe.close()
        try:
            guard.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            guard.kill()  # the kernel then stops the server
            guard.wait()

    def crash(self) -> None:
        """Stop the server as a crash would, without a checkpoint; `restart` brings it back."""
        self.pid = self._ask("crash", STOP_TIMEOUT)

    def restart(self) -> None:
        """Stop the server, however it is, and start it again with its data."""
        self.pid = self._ask("stop", STOP_TIMEOUT)
        self.start()

    def dsn(self, dbname: str = "postgres") -> str:
        """Return a libpq connection string to `dbname` as the superuser."""
        socket = str(self._running_folders().socket)
        address = {"hostaddr": ""} if os.environ.get("PGHOSTADDR") else {}  # it would count before
        return make_conninfo("", host=socket, **address, port=PORT, dbname=dbname, user=SUPERUSER)

    def psql_command(self, dbname: str = "postgres") -> str:
        """Return a command line that opens psql on `dbname`, for a person to paste."""
        psql = self.binaries.folder / "psql" if self.binaries else Path("psql")
        return shlex.join([str(psql) if psql.exists() else "psql", self.dsn(dbname)])

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Create database `name`, as a copy of `template` if one is named.

        Raises psycopg.errors.DuplicateDatabase if it exists.
        Transaction: its own connection, autocommit.
        """
        statement = sql.SQL("create database {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" template {}").format(sql.Identifier(template))
        with session_settings.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(statement)

    def has_database(self, name: str) -> bool:
        """Tell whether there is a database `name`.

        Transaction: its own connection, autocommit.
        """
        query = "select from pg_catalog.pg_database where datname = %s"
        with session_settings.connect(self.dsn(), autocommit=True) as connection:
            return connection.execute(query, [name]).fetchone() is not None

    def log_tail(self, lines: int = 20) -> str:
        """Return the last lines of the server's log; empty if there is none."""
        if self._folders is None:
            return ""
        try:
            text = self._folders.log.read_text(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def _running_folders(self) -> Folders:
        if self._guard is None or self._folders is None:
            raise EmbeddedServerError("the embedded server is not running", hint="call start()")
        return self._folders

    def _start_guard(self, folders: Folders, account: Account, binaries: Binaries) -> None:
        holder = places.lock(folders)
        try:
            places.check_data(folders, binaries.version, account)
            usable = reachable(binaries, account, folders.root)
            if folders.log.exists():
                folders.log.replace(folders.log.with_suffix(".log.1"))
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", str(Path(__file__).with_name("guard.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd="/",
                start_new_session=True,
                pass_fds=[holder],
            )
            order = make_order(folders, account, usable, self.settings)
            self._send(json.dumps({**order, "inherit": [holder]}))
        finally:
            os.close(holder)

    def _ask(self, command: str, timeout: float) -> int | None:
        if self._guard is None or self._guard.stdout is None:
            raise EmbeddedServerError("the embedded server is not running", hint="call start()")
        self._send(command)
        answer = read_line(self._guard.stdout.fileno(), timeout)
        facts = json.loads(answer or '{"error": "the process that guards the server has ended"}')
        if "error" in facts:
            raise EmbeddedServerError(
                facts["error"],
                detail=self.log_tail(10) or None,
                hint=f"read {self._folders.log}" if self._folders and self.data_folder else None,
            )
        pid: int | None = facts["pid"]
        return pid

    def _send(self, line: str) -> None:
        if self._guard is not None and self._guard.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # the answer will be missing, and says so
                self._guard.stdin.write(line.encode() + b"\n")


def read_line(descriptor: int, timeout: float) -> bytes:
    """Read one line from a pipe; return what came so far at its end or after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    line = b""
    while not line.endswith(b"\n"):
        remaining = max(0.0, deadline - time.monotonic())
        if not select.select([descriptor], [], [], remaining)[0]:
            return b""
        received = os.read(descriptor, 4096)
        if not received:
            return b""
        line += received
    return line
