"""A process that starts an embedded server and waits: run it, then kill it.

    python embedded_parent.py BIN_FOLDER [DATA_FOLDER]

It ignores SIGINT, prints one JSON line (`pid` of the server, `dsn`) or the error, and ends with
its standard input.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

import pgdispatch
from pgdispatch.embedded import Binaries, EmbeddedServer, EmbeddedServerError, find_binaries
from pgdispatch.embedded.account import Account
from support.nodes.processes import children_of, is_alive, parent_of, wait_until

FAST = {"fsync": "off"}


@dataclass(frozen=True)
class EmbeddedParent:
    """A process with an embedded server: process numbers, connection string and folders."""

    process: subprocess.Popen[str]
    server: int
    guard: int
    dsn: str

    @property
    def socket(self) -> Path:
        """The socket's folder."""
        return Path(str(conninfo_to_dict(self.dsn)["host"]))

    def family(self) -> set[int]:
        """Return the guard and all processes of the server."""
        return {self.guard, self.server} | children_of(self.server)

    def kill(self) -> None:
        """Kill the process as `kill -9` does, and wait until its guard has ended."""
        self.process.kill()
        self.process.wait()
        wait_until(lambda: not is_alive(self.guard))


@contextmanager
def embedded_parent(
    binaries: Binaries,
    data_folder: Path | None = None,
    *,
    python: str = sys.executable,
    **options: Any,
) -> Iterator[EmbeddedParent]:
    """Run this module as a process of its own, in its own process group."""
    command = [python, __file__, str(binaries.folder), *([str(data_folder)] if data_folder else [])]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        env=environment(),
        **options,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise ChildProcessError(process.communicate()[1])
        facts = json.loads(line)
        yield EmbeddedParent(process, facts["pid"], parent_of(facts["pid"]) or 0, facts["dsn"])
    finally:
        process.communicate()


def environment() -> dict[str, str]:
    """Return an environment in which any interpreter of this version finds what we import."""
    places = [Path(module.__file__ or "").parents[1] for module in (pgdispatch, psycopg)]
    path = ":".join(str(place) for place in (*places, Path(__file__).parents[2]))
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": path}


def as_account(account: Account) -> dict[str, Any]:
    """Return the Popen arguments that run a program as `account`."""
    if not account.switch:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def value(dsn: str, query: str) -> object:
    """Return the one value that a query gives."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def main() -> None:
    """Start the server, tell about it, wait for the end of standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    server = EmbeddedServer(folder, binaries=find_binaries(Path(sys.argv[1])), settings=FAST)
    try:
        with server:
            print(json.dumps({"pid": server.pid, "dsn": server.dsn()}), flush=True)
            sys.stdin.read()
    except EmbeddedServerError as error:
        sys.exit(f"{error.message} ({error.detail}; {error.hint})")


if __name__ == "__main__":
    main()
