"""Start a PostgreSQL server, and stop it when the process that asked for it has gone.

A program of its own, run as `python -I -S guard.py` with the standard library alone. It reads a
JSON line (see `Order`) from standard input, then one command per line: `start`, `stop` (fast
shutdown) or `crash` (immediate shutdown). It answers each with a JSON line: `{"pid": …}` or
`{"error": …}`. The end of standard input, the death of the parent or SIGTERM ends all: the server
is stopped, temporary folders are removed, and the guard exits.

Should the guard itself be killed, the kernel (Linux) sends the server SIGQUIT.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
IPC_RMID = 0
FAST_GRACE = 60.0  # seconds for a fast shutdown, which writes a checkpoint
QUIT_GRACE = 15.0  # seconds for an immediate shutdown; PostgreSQL itself kills after 5
ON_LINUX = sys.platform == "linux"
libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Order:
    """What to run: command lines, folders, and the account to change to (None: no change)."""

    parent: int
    initdb: list[str]
    postgres: list[str]
    data: str
    log: str
    uid: int | None
    gid: int | None
    environment: dict[str, str]
    discard: list[str]
    inherit: list[int]


class ParentGoneError(Exception):
    """Nobody needs the server any more."""


class Parent:
    """The process that asked for the server, seen through a pipe and its process descriptor."""

    def __init__(self) -> None:
        self.unread = b""
        self.poll = select.poll()
        self.poll.register(0, select.POLLIN)
        woken, wakes = os.pipe()
        os.set_blocking(wakes, False)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, lambda *_: None)  # only wakes the poll
        self.poll.register(woken, select.POLLIN)

    def watch(self, pid: int) -> None:
        """Watch the process too: others may have inherited its end of the pipe."""
        if hasattr(os, "pidfd_open"):
            with contextlib.suppress(OSError):
                self.poll.register(os.pidfd_open(pid), select.POLLIN)
        if os.getppid() != pid:
            raise ParentGoneError

    def read_line(self) -> str:
        """Wait for the next line. Raises ParentGoneError."""
        while b"\n" not in self.unread:
            self.wait(None)
        line, _, self.unread = self.unread.partition(b"\n")
        return line.decode()

    def wait(self, seconds: float | None) -> None:
        """Wait for news from the parent, at most so long. Raises ParentGoneError."""
        for descriptor, _ in self.poll.poll(None if seconds is None else seconds * 1000):
            received = os.read(0, 65536) if descriptor == 0 else b""
            if not received:
                raise ParentGoneError
            self.unread += received

    def answer(self, **facts: Any) -> None:
        """Send one JSON line."""
        try:
            os.write(1, json.dumps(facts).encode() + b"\n")
        except OSError:
            raise ParentGoneError from None


class Server:
    """The server's process and what it holds outside of its data folder."""

    def __init__(self, order: Order, parent: Parent) -> None:
        self.order = order
        self.parent = parent
        self.process: subprocess.Popen[bytes] | None = None
        self.segments: set[int] = set()

    def start(self) -> None:
        """Start the server and answer once it takes connections, or with why it does not."""
        self.stop(signal.SIGINT)
        if not os.path.exists(self.order.data) and not self.make_cluster():
            self.parent.answer(error="initdb could not make the data folder")
            return
        self.process = self.run(self.order.postgres)
        while not self.is_ready(self.process.pid):
            if self.process.poll() is not None:
                self.parent.answer(error="the server did not start")
                return
            self.parent.wait(0.01)
        self.segments = set(shared_segments(self.process.pid))
        self.parent.answer(pid=self.process.pid)

    def make_cluster(self) -> bool:
        """Run initdb beside the data folder and move the result there when it is whole."""
        partial = self.order.data + ".partial"
        shutil.rmtree(partial, ignore_errors=True)
        os.mkdir(partial, 0o700)
        if self.order.uid is not None and self.order.gid is not None:
            os.chown(partial, self.order.uid, self.order.gid)
        initdb = self.process = self.run([*self.order.initdb, "--pgdata", partial])
        while initdb.poll() is None:
            self.parent.wait(0.01)
        self.process = None
        if initdb.returncode == 0:
            os.rename(partial, self.order.data)
        return initdb.returncode == 0

    def run(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Start a program of PostgreSQL as the account, its output going to the log."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        log = os.open(self.order.log, flags, 0o600)
        change: dict[str, Any] = {
            "user": self.order.uid,
            "group": self.order.gid,
            "extra_groups": [],
        }
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=self.order.environment,
                pass_fds=self.order.inherit,
                preexec_fn=die_with_guard,  # noqa: PLW1509 - the guard has one thread
                **(change if self.order.uid is not None else {}),
            )
        finally:
            os.close(log)

    def is_ready(self, pid: int) -> bool:
        """Tell whether the server with this process number takes connections."""
        try:
            lines = Path(self.order.data, "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def stop(self, first: signal.Signals) -> None:
        """Stop the server, the more firmly the longer it takes, and clear up after it."""
        process = self.process
        if process is None:
            return
        for signum, grace in ((first, FAST_GRACE), (signal.SIGQUIT, QUIT_GRACE)):
            if process.poll() is None:
                process.send_signal(signum)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(grace)
        if process.poll() is None:
            process.kill()
            process.wait()
        kill_orphans()
        if process.returncode < 0:  # it could not clear up by itself
            for segment in self.segments:
                libc.shmctl(segment, IPC_RMID, None)
        self.process = None


def die_with_guard() -> None:
    """Have the kernel stop this process when the guard dies (runs between fork and exec)."""
    if ON_LINUX:
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGQUIT))


def kill_orphans() -> None:
    """Kill the server processes that outlived their postmaster, and wait for their end."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    with contextlib.suppress(OSError):
        for pid in listed.read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        while ON_LINUX:
            os.waitpid(-1, 0)


def shared_segments(pid: int) -> Iterator[int]:
    """Yield the System V segments of a process, which outlive it if it is killed."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            found = re.search(r" (\d+) +/SYSV", line)
            if found:
                yield int(found[1])


def main() -> None:
    """Serve one parent until it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.umask(0o077)
    if ON_LINUX:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    parent = Parent()
    order = Order(**json.loads(parent.read_line()))
    server = Server(order, parent)
    try:
        parent.watch(order.parent)
        while True:
            command = parent.read_line()
            if command == "start":
                server.start()
                continue
            server.stop(signal.SIGQUIT if command == "crash" else signal.SIGINT)
            parent.answer(pid=None)
    finally:  # ParentGoneError ends the loop
        server.stop(signal.SIGINT)
        for folder in order.discard:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    with contextlib.suppress(ParentGoneError):
        main()
