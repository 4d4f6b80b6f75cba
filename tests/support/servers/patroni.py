"""Two PostgreSQL servers under Patroni, with an etcd, on loopback, to be killed and brought back.

fsync is off: what is killed here are processes, never the machine.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from pgdispatch.embedded import Binaries
from pgdispatch.embedded.account import server_account
from support.image.port import free_port
from support.nodes.processes import children_of, is_alive, wait_until
from support.servers.debian import Program

TTL = 20  # the least that Patroni takes: seconds until a dead primary is replaced
SCOPE = "pgdispatch"
LAG = 64 << 20  # bytes that the standby may lack and still take over
ACCOUNTS = ("superuser", "replication", "rewind")
SETTINGS = {"fsync": "off", "max_connections": 100}
READY = {"primary", "master", "leader", "replica", "sync_standby", "quorum_standby"}


@dataclass
class Member:
    """One server and its Patroni; `port` is PostgreSQL's, `api` Patroni's."""

    name: str
    folder: Path
    port: int
    api: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What Patroni and PostgreSQL have said."""
        return self.folder.with_suffix(".log").read_text(errors="replace")

    def kill(self) -> None:
        """Kill Patroni first, so that it does not restart the server, and the server after it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        with suppress(FileNotFoundError, ProcessLookupError, IndexError):
            pid = int((self.folder / "postmaster.pid").read_text().splitlines()[0])
            family = {pid, *children_of(pid)}
            for one in (pid, *(family - {pid})):
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            wait_until(lambda: not any(map(is_alive, family)))

    def facts(self) -> dict[str, Any]:
        """Return what Patroni says of this member; empty when it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.api}/patroni", timeout=2) as said:
                found: dict[str, Any] = json.load(said)
                return found
        except (OSError, ValueError):
            return {}


@dataclass
class Patroni:
    """The pair. `is_synchronous`: a commit waits for the standby, if there is one."""

    folder: Path
    binaries: Binaries
    is_synchronous: bool
    etcd_port: int
    members: list[Member] = field(default_factory=list)

    def dsn(self) -> str:
        """Return the connection string that names both, the one that takes writes."""
        return make_conninfo(
            host=",".join("127.0.0.1" for _ in self.members),
            port=",".join(str(member.port) for member in self.members),
            user="superuser",
            password="secret",
            dbname="postgres",
            target_session_attrs="read-write",
            connect_timeout=3,
        )

    def start(self, member: Member) -> None:
        """Start the Patroni of one member, which starts the server."""
        config = self.folder / f"{member.name}.yml"
        config.write_text(json.dumps(self._config(member)))  # JSON is YAML, too
        command = [sys.executable, "-m", "patroni", str(config)]
        with member.folder.with_suffix(".log").open("ab") as log:
            member.process = as_account(command, log=log)

    def primary(self) -> Member | None:
        """Return the member that leads and takes writes, or None."""
        for member in self.members:
            told = member.facts()
            if told.get("role") in ("primary", "master") and told.get("state") == "running":
                return member
        return None

    def is_whole(self) -> bool:
        """Tell whether both are up, and the standby is a synchronous one, if that is asked for."""
        primary = self.primary()
        if primary is None:
            return False
        streams = primary.facts().get("replication") or []
        wanted = "sync" if self.is_synchronous else "async"
        return any(
            one.get("sync_state") == wanted and one.get("state") == "streaming" for one in streams
        ) and (not self.is_synchronous or self._may_take_over(primary))

    def _may_take_over(self, primary: Member) -> bool:
        """Tell whether Patroni, too, counts the standby as synchronous, so that it may lead."""
        url = f"http://127.0.0.1:{primary.api}/cluster"
        try:
            with urllib.request.urlopen(url, timeout=2) as said:
                roles = [one["role"] for one in json.load(said)["members"]]
        except (OSError, ValueError):
            return False
        return "sync_standby" in roles

    def fail_over(self) -> tuple[Member, Member]:
        """Kill the primary and return it, and the one that has taken over, once it has."""
        old = self.primary()
        if old is None:
            raise RuntimeError("there is no primary to kill")
        old.kill()
        wait_until(lambda: self.primary() not in (None, old), within=TTL * 4, every=0.2)
        new = self.primary()
        if new is None:
            raise RuntimeError("the new primary is gone again")
        return old, new

    def connect(self, member: Member) -> psycopg.Connection[Any]:
        """Connect to one member, whichever it is."""
        return psycopg.connect(
            host="127.0.0.1",
            port=member.port,
            user="superuser",
            password="secret",
            dbname="postgres",
            autocommit=True,
        )

    def _config(self, member: Member) -> dict[str, Any]:
        address = f"127.0.0.1:{member.port}"
        return {
            "scope": SCOPE,
            "name": member.name,
            "restapi": {
                "listen": f"127.0.0.1:{member.api}",
                "connect_address": f"127.0.0.1:{member.api}",
            },
            "etcd3": {"host": f"127.0.0.1:{self.etcd_port}"},
            "bootstrap": {
                "dcs": {
                    "ttl": TTL,
                    "loop_wait": 1,
                    "retry_timeout": 3,
                    "synchronous_mode": self.is_synchronous,
                    "maximum_lag_on_failover": LAG,
                    "postgresql": {"use_pg_rewind": True, "parameters": SETTINGS},
                },
                "initdb": [{"encoding": "UTF8"}, "data-checksums"],
            },
            "postgresql": {
                "listen": address,
                "connect_address": address,
                "data_dir": str(member.folder),
                "bin_dir": str(self.binaries.folder),
                "pgpass": str(self.folder / f"{member.name}.pgpass"),
                "authentication": {
                    name: {"username": name, "password": "secret"} for name in ACCOUNTS
                },
                "parameters": {"unix_socket_directories": str(self.folder)},
                "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust",
                           "host replication all 127.0.0.1/32 trust"],
            },
        }  # fmt: skip


def as_account(command: list[str], *, log: Any, **environment: str) -> subprocess.Popen[bytes]:
    """Start a program as the account that runs PostgreSQL; it may read what root's Python is in."""
    account = server_account()
    reads = [f"--{kind}-caps=+dac_read_search" for kind in ("inh", "ambient")]
    become = ["setpriv", f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    return subprocess.Popen(
        [*become, *reads, *command] if account.switch else command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd="/",
        env={**os.environ, **environment},
        start_new_session=True,
    )


@contextmanager
def open_etcd(program: Program, folder: Path) -> Iterator[int]:
    """Give the port of a running etcd with one member."""
    port, peers = free_port(), free_port()
    here, there = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peers}"
    with (folder / "etcd.log").open("wb") as log:
        process = as_account(
            [
                *(str(program.path), "--name", "one", "--data-dir", str(folder / "etcd")),
                *("--listen-client-urls", here, "--advertise-client-urls", here),
                *("--listen-peer-urls", there, "--initial-advertise-peer-urls", there),
                *("--initial-cluster", f"one={there}"),
            ],
            log=log,
            **program.environment,
        )
    try:
        wait_until(lambda: answers(f"{here}/health"))
        yield port
    finally:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    """Tell whether something answers there."""
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own addresses
            return True
    except OSError:
        return False


@contextmanager
def open_patroni(
    etcd: Program, binaries: Binaries, folder: Path, *, is_synchronous: bool
) -> Iterator[Patroni]:
    """Give a pair that is up and in step; at the end both are killed.

    `folder` has to be the server account's own.
    """
    with open_etcd(etcd, folder) as etcd_port:
        pair = Patroni(folder, binaries, is_synchronous, etcd_port)
        try:
            for name in ("one", "two"):
                member = Member(f"pg{name}", folder / f"pg{name}", free_port(), free_port())
                pair.members.append(member)
                pair.start(member)
                wait_until(lambda: pair.primary() is not None, within=120, every=0.2)
            wait_until(pair.is_whole, within=120, every=0.2)
            yield pair
        finally:
            for member in pair.members:
                member.kill()
