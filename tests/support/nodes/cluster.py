"""Nodes as an operator starts them: real supervisors on a database, watched from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from support.checkout import TESTS
from support.nodes.processes import is_alive, wait_until
from support.sessions.verbs import Verbs

MARK = "LC_PGDISPATCH_TEST_NODE"  # programs see what is of the locale
APP = "support.nodes.node_app"
POWERS = "-sys_ptrace,-perfmon,-sys_admin"  # of root, to look into processes of its own account
POWERLESS = ("setpriv", f"--bounding-set={POWERS}", f"--inh-caps={POWERS}")


class LeftBehindError(Exception):
    """A node did not end, or processes of it were still there when it had."""


@dataclass(frozen=True)
class Node:
    """A supervisor that was started. `mark` is in the environment of whatever it starts."""

    name: str
    process: subprocess.Popen[bytes]
    log_file: Path
    mark: str

    @property
    def log(self) -> str:
        """What it and its backgrounders have written so far."""
        return self.log_file.read_text(errors="replace")

    def family(self) -> set[int]:
        """Return the processes that are alive of all that it ever started, and itself."""
        return {pid for pid in all_processes() if is_marked(pid, self.mark) and is_alive(pid)}

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the supervisor alone."""
        self.process.send_signal(number)

    def send_all(self, number: signal.Signals) -> None:
        """Send a signal to the supervisor and to everything that it has started."""
        for pid in sorted(self.family()):
            with suppress(ProcessLookupError):  # it ended with one that was sent it before
                os.kill(pid, number)

    def exit_status(self, within: float = 20.0) -> int:
        """Wait for the end of the supervisor and return its exit status."""
        return self.process.wait(within)

    def stop(self) -> set[int]:
        """End the node at once; return the processes that it left behind, which are killed."""
        with suppress(TimeoutError):
            wait_until(self._is_over)
        left = self.family()
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        return left

    def _is_over(self) -> bool:
        if self.process.poll() is None:
            self.send(signal.SIGTERM)
        return self.process.returncode is not None


@dataclass
class Cluster:
    """One database, the nodes that serve it, and the files that their jobs write."""

    dsn: str
    folder: Path
    verbs: Verbs
    nodes: list[Node] = field(default_factory=list)

    def start(
        self,
        name: str = "n",
        *,
        app: str | None = APP,
        dsn: str | None = None,
        inside: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        more: Sequence[str] = (),
        **options: Any,
    ) -> Node:
        """Start `pgdispatch worker`; `options` are those of the command, with their values.

        `dsn` is for its environment, `more` comes last on its command line, `inside` is a command
        that runs the one that follows it. It may run more processes than the machine has
        processors, and listens on a port of its own, unless told otherwise.
        """
        mark = uuid.uuid4().hex
        log_file = self.folder / f"{name}-{mark}.log"
        command = [*inside, sys.executable, "-m", "pgdispatch_cli", "worker", "--node", name]
        usual = {"app": app, "processors": 8, "listen": "127.0.0.1:0"}
        for option, given in {**usual, **options}.items():
            if given is not None:
                command += [f"--{option}", str(given)]
        command += more
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={
                    **os.environ,
                    **self._environment(mark, dsn or self.dsn),
                    **(environment or {}),
                },
                start_new_session=True,
            )
        self.nodes.append(Node(name, process, log_file, mark))
        return self.nodes[-1]

    def connect(self) -> None:
        """Connect anew, after a restart of the server."""
        self.verbs.connection.close()
        self.verbs = Verbs(psycopg.connect(self.dsn, autocommit=True))

    def job(self, do: str = "block", **columns: Any) -> int:
        """Insert a job that does `do` (see support.nodes.node_app) and return its id."""
        return self.verbs.job(**{"args": f'{{"do": "{do}"}}', **columns})

    def release(self, *jobs: int, attempt: int | None = None) -> None:
        """Let jobs end that wait for the test, or only one attempt at them."""
        for job in jobs:
            (self.folder / (f"go-{job}" + (f"-{attempt}" if attempt else ""))).touch()

    def runs(self, job: int | None = None) -> list[str]:
        """Return the runs as the handlers wrote them down, in the order in which they began.

        Of one job: the backgrounders that ran it. Of all: `JOB ATTEMPT BACKGROUNDER` each.
        """
        path = self.folder / "runs"
        lines = path.read_text().splitlines() if path.exists() else []
        if job is None:
            return lines
        return [line.split()[2] for line in lines if line.split()[0] == str(job)]

    def running(self, *jobs: int) -> list[str]:
        """Wait until jobs are in the hands of their handlers; return their backgrounders."""
        wait_until(lambda: all(self._is_running(job) for job in jobs))
        return [self.runs(job)[-1] for job in jobs]

    def ended(self, job: int, within: float = 20.0) -> dict[str, Any]:
        """Wait for the end of a job and return its only row of the history."""
        find = "select * from pgdispatch.job_history where id = %s"
        wait_until(lambda: bool(self.verbs.rows(find, job)), within=within)
        return self.verbs.row(find, job)

    def waiting(self) -> list[int]:
        """Return the waiting jobs in the order of the queue view."""
        return self.verbs.values("select job from pgdispatch.queue")

    def pid(self, backgrounder: str) -> int | None:
        """Return the process number of a backgrounder that is up, or None."""
        found = self.verbs.values(
            "select pid from pgdispatch.backgrounder where id = %s", backgrounder
        )
        return found[0] if found else None

    def up(self, backgrounder: str) -> int:
        """Wait until a backgrounder is up and return its process number."""
        wait_until(lambda: self.pid(backgrounder) is not None)
        return int(self.pid(backgrounder) or 0)

    def children(self, job: int) -> list[int]:
        """Wait for the handler of a job that does `parent`; return what it has started."""
        path = self.folder / f"children-{job}"
        wait_until(lambda: path.exists() and path.read_text().endswith("\n"))
        return [int(word) for word in path.read_text().split()]

    def count(self) -> int:
        """Return how many backgrounders the database knows."""
        return int(self.verbs.value("select count(*) from pgdispatch.backgrounder"))

    def set(self, **settings: object) -> None:
        """Change settings of the installation."""
        for name, given in settings.items():
            self.verbs.run(
                "update pgdispatch.setting set value = %s where name = %s", str(given), name
            )

    def _is_running(self, job: int) -> bool:
        rows = self.verbs.rows(
            "select attempt, backgrounder from pgdispatch.job where id = %s and state = 'running'",
            job,
        )
        return any(f"{job} {row['attempt']} {row['backgrounder']}" in self.runs() for row in rows)

    def _environment(self, mark: str, dsn: str) -> dict[str, str]:
        return {
            "PGDISPATCH_DSN": dsn,
            "PGDISPATCH_TEST_FOLDER": str(self.folder),
            "PYTHONPATH": str(TESTS),
            MARK: mark,
        }


@contextmanager
def open_cluster(dsn: str, folder: Path) -> Iterator[Cluster]:
    """Give a cluster without nodes; at the end all are stopped and must have left nothing."""
    cluster = Cluster(dsn, folder, Verbs(psycopg.connect(dsn, autocommit=True)))
    try:
        yield cluster
    finally:
        cluster.verbs.connection.close()
        for node in cluster.nodes:
            node.send_all(signal.SIGCONT)
        left = {node.name: pids for node in cluster.nodes if (pids := node.stop())}
    if left:
        raise LeftBehindError(f"these processes were still there: {left}")


def all_processes() -> list[int]:
    """Return the numbers of all processes of the machine."""
    return [int(entry) for entry in os.listdir("/proc") if entry.isdecimal()]


def is_marked(pid: int, mark: str) -> bool:
    """Tell whether a process has a mark in its environment."""
    try:
        return f"{MARK}={mark}".encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False


def command_line(pid: int) -> str:
    """Return the command line of a process, as `ps` shows it; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
