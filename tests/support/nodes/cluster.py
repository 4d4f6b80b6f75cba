"""Nodes on one database, and the jobs that are for them."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from support.nodes.node import Node, start_node
from support.nodes.processes import wait_until
from support.sessions.verbs import Verbs

APP = "support.nodes.node_app"


class LeftBehindError(Exception):
    """A node did not end, or processes of it were still there when it had."""


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
        python: Path = Path(sys.executable),
        **options: Any,
    ) -> Node:
        """Start `pgdispatch worker` with these and usual options, as `start_node` does.

        `dsn` is for its environment.
        """
        variables = {
            "PGDISPATCH_DSN": dsn or self.dsn,
            "PGDISPATCH_TEST_FOLDER": str(self.folder),
            **(environment or {}),
        }
        given = {"app": app, **options}
        node = start_node(
            name, self.folder, given, variables, inside=inside, more=more, python=python
        )
        self.nodes.append(node)
        return node

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
        """Wait for the end of a job and return its only row of the history.

        Its log is without times, and is all of what was kept.
        """
        find = "select * from pgdispatch.job_history where id = %s"
        wait_until(lambda: bool(self.verbs.rows(find, job)), within=within)
        row = self.verbs.row(find, job)
        if row["log"] is not None:
            row["log"] = "\n".join(self.logged(job, row["attempt"]))
        return row

    def logged(self, job: int, attempt: int = 1) -> list[str]:
        """Return what an attempt has logged, as far as it is known."""
        return self.verbs.values("select text from pgdispatch.log_lines(%s, %s)", job, attempt)

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
