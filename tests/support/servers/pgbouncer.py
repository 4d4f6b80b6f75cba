"""A pgbouncer of one's own, between the tests and their server, that can be stopped and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pgdispatch.embedded.account import server_account
from support.image.port import free_port
from support.nodes.processes import wait_until
from support.servers.debian import Program
from support.servers.embedded_parent import as_account

CONFIG = """
[databases]
* = host={host} port={port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = trust
auth_file = {users}
admin_users = {user}
pool_mode = transaction
server_login_retry = 1
{settings}
"""


@dataclass
class Bouncer:
    """A pooler in transaction mode, with its settings in `config`; `port` stays over restarts."""

    program: Program
    config: Path
    port: int
    user: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self.config.with_name("log").read_text(errors="replace")

    def start(self) -> None:
        """Start it and return once it takes connections."""
        with self.config.with_name("log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.program.path), str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={**os.environ, **self.program.environment},
                **as_account(server_account()),
            )
        wait_until(lambda: self._answers() or self.process is None)

    def end(self, number: signal.Signals) -> None:
        """End it by a signal and return when it has ended."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(10)
            self.process = None

    def restart(self, number: signal.Signals) -> None:
        """End it by a signal and start it again."""
        self.end(number)
        self.start()

    def dsn(self, dsn: str) -> str:
        """Return the connection string for the same database through the pooler."""
        return make_conninfo(dsn, host="127.0.0.1", port=self.port)

    def show(self, what: str) -> list[Any]:
        """Return the rows of one of its own reports, as `show pools`."""
        with psycopg.connect(self._admin(), autocommit=True) as connection:
            return psycopg.ClientCursor(connection).execute(f"show {what}").fetchall()

    def _answers(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise ChildProcessError(self.log)
        try:
            self.show("version")
        except psycopg.OperationalError:
            return False
        return True

    def _admin(self) -> str:
        return make_conninfo(
            host="127.0.0.1", port=self.port, user=self.user, dbname="pgbouncer", connect_timeout=5
        )


@contextmanager
def open_bouncer(program: Program, dsn: str, **settings: object) -> Iterator[Bouncer]:
    """Give a running pooler before the server that `dsn` names; it is gone at the end."""
    server = conninfo_to_dict(dsn)
    with tempfile.TemporaryDirectory(prefix="pgdispatch-bouncer-", dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        users, config, port = folder / "users", folder / "pgbouncer.ini", free_port()
        users.write_text(f'"{server["user"]}" ""\n')
        config.write_text(
            CONFIG.format(
                **{name: server[name] for name in ("host", "port", "user")},
                listen=port,
                users=users,
                settings="\n".join(f"{name} = {value}" for name, value in settings.items()),
            )
        )
        bouncer = Bouncer(program, config, port, str(server["user"]))
        bouncer.start()
        try:
            yield bouncer
        finally:
            bouncer.end(signal.SIGKILL)
