"""Real nodes: `pgdispatch worker` as an operator starts it, held back until it is complete."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rig.processes import end_with_parent
from benchmarks.rig.server import Stage, wait_until
from support.checkout import TESTS

APP = "benchmarks.rig.noop_app"
STARTING = 180.0  # seconds; a hundred interpreters take their time on two processors
STOPPING = 60.0
RELEASE = "update pgdispatch.node set is_drained = false where name = %s"
COUNT = "select count(*) from pgdispatch.backgrounder where node = %s"
BEATS = "select from pgdispatch.node where name = %s and heartbeat_at is not null"
ENDED = "select count(*) from pgdispatch.job_history"


@dataclass(frozen=True)
class Node:
    """A supervisor that was started, and where it writes its log."""

    name: str
    dsn: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raise RuntimeError if the node has ended, with the end of its log."""
        if self.process.poll() is not None:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])
            raise RuntimeError(f"node {self.name} ended with {self.process.returncode}: {tail}")

    def stop(self) -> None:
        """End the node and wait for it."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            self.process.kill()  # its processes end with it
            self.process.wait()


@contextmanager
def held_node(
    stage: Stage, dsn: str, processes: int, *, name: str = "bench", starts: Path | None = None
) -> Iterator[Node]:
    """Give a node with all its backgrounders up, which takes no job before its `release`."""
    with stage.connect(dsn) as connection:
        connection.execute(
            "insert into pgdispatch.node (name, is_drained) values (%s, true)", [name]
        )
    node = start(stage, dsn, processes, name=name, starts=starts)
    try:
        wait_until_up(stage, node, processes)
        yield node
    finally:
        node.stop()


@contextmanager
def idle_supervisor(stage: Stage, dsn: str, *, name: str = "chores") -> Iterator[Node]:
    """Give a node without backgrounders, which keeps the clock and does the chores."""
    node = start(stage, dsn, 0, name=name)
    try:
        with stage.connect(dsn) as connection:

            def is_up() -> bool:
                node.check()
                row = connection.execute(BEATS, [name]).fetchone()
                return row is not None

            wait_until(is_up, "the start of a supervisor", within=STARTING)
        yield node
    finally:
        node.stop()


def release(stage: Stage, node: Node) -> None:
    """Let a held node take jobs."""
    with stage.connect(node.dsn) as connection:
        connection.execute(RELEASE, [node.name])


def start(
    stage: Stage, dsn: str, processes: int, *, name: str = "bench", starts: Path | None = None
) -> Node:
    """Start a node with so many backgrounders, whatever the number of processors."""
    command = [sys.executable, "-m", "pgdispatch_cli", "worker", "--node", name]
    command += ["--processes", str(processes), "--processors", str(max(2 * processes, 2))]
    command += ["--app", APP, "--listen", "127.0.0.1:0", "--grace", "5"]
    environment = {**os.environ, "PGDISPATCH_DSN": dsn, "PYTHONPATH": str(TESTS)}
    if starts is not None:
        environment["PGDISPATCH_BENCH_STARTS"] = str(starts)
    path = stage.folder / f"{name}.log"
    with path.open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=stage.folder,
            env=environment,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509  # there is one thread
        )
    return Node(name, dsn, process, path)


def wait_until_up(stage: Stage, node: Node, processes: int) -> None:
    """Return once all backgrounders of a node have told that they are there."""
    with stage.connect(node.dsn) as connection:

        def is_up() -> bool:
            node.check()
            row = connection.execute(COUNT, [node.name]).fetchone()
            return row is not None and int(row[0]) >= processes

        wait_until(is_up, f"the start of {processes} backgrounders", within=STARTING)


def wait_until_ended(stage: Stage, node: Node, jobs: int, *, within: float = 1800.0) -> None:
    """Return once so many jobs are in the history."""
    with stage.connect(node.dsn) as connection:

        def is_over() -> bool:
            node.check()
            row = connection.execute(ENDED).fetchone()
            return row is not None and int(row[0]) >= jobs

        wait_until(is_over, f"running {jobs} jobs", within=within, every=0.25)
