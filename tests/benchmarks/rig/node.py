"""Real nodes to measure, held back until they are complete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.rig.server import END_WITH_US, Stage
from support.nodes.node import Node, start_node
from support.nodes.processes import wait_until

NAME = "bench"
APP = "benchmarks.rig.noop_app"
STARTING = 180.0  # seconds; a hundred interpreters take their time on two processors
RUNNING = 1800.0
HOLD = "insert into pgdispatch.node (name, backgrounders, is_drained) values (%s, %s, true)"
RELEASE = "update pgdispatch.node set is_drained = false where name = %s"
COUNT = "select count(*) from pgdispatch.backgrounder where node = %s"
BEATS = "select from pgdispatch.node where name = %s and heartbeat_at is not null"
ENDED = "select count(*) from pgdispatch.job_history"


@contextmanager
def held_node(stage: Stage, dsn: str, processes: int) -> Iterator[Node]:
    """Give a node with all its backgrounders up, which takes no job before its `release`."""
    with stage.connect(dsn) as connection:
        connection.execute(HOLD, [NAME, processes])
    node = start(stage, dsn, processes)
    try:
        wait_until_up(stage, dsn, node, processes)
        yield node
    finally:
        node.stop()


@contextmanager
def idle_supervisor(stage: Stage, dsn: str) -> Iterator[Node]:
    """Give a node without backgrounders, which keeps the clock and does a supervisor's duties."""
    node = start(stage, dsn, 0)
    try:
        with stage.connect(dsn) as connection:

            def is_up() -> bool:
                node.check()
                row = connection.execute(BEATS, [NAME]).fetchone()
                return row is not None

            wait_until(is_up, "the start of a supervisor", within=STARTING, every=0.1)
        yield node
    finally:
        node.stop()


def release(stage: Stage, dsn: str, node: Node) -> None:
    """Let a held node take jobs."""
    with stage.connect(dsn) as connection:
        connection.execute(RELEASE, [node.name])


def start(
    stage: Stage, dsn: str, processes: int, *, name: str = NAME, starts: Path | None = None
) -> Node:
    """Start a node with so many backgrounders, whatever the number of processors."""
    processors = max(2 * processes, 2)
    options = {"app": APP, "processes": processes, "processors": processors, "grace": 5}
    environment = {"PGDISPATCH_DSN": dsn}
    if starts is not None:
        environment["PGDISPATCH_BENCH_STARTS"] = str(starts)
    return start_node(name, stage.folder, options, environment, before=END_WITH_US)


def wait_until_up(stage: Stage, dsn: str, node: Node, processes: int) -> None:
    """Return once all backgrounders of a node have told that they are there."""
    with stage.connect(dsn) as connection:

        def is_up() -> bool:
            node.check()
            row = connection.execute(COUNT, [node.name]).fetchone()
            return row is not None and int(row[0]) >= processes

        wait_until(is_up, f"the start of {processes} backgrounders", within=STARTING, every=0.1)


def wait_until_ended(stage: Stage, dsn: str, node: Node, jobs: int) -> None:
    """Return once so many jobs are in the history."""
    with stage.connect(dsn) as connection:

        def is_over() -> bool:
            node.check()
            row = connection.execute(ENDED).fetchone()
            return row is not None and int(row[0]) >= jobs

        wait_until(is_over, f"running {jobs} jobs", within=RUNNING, every=0.25)
