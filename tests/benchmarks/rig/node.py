"""Real nodes to measure, held back until they are complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from benchmarks.rig.forms import Form
from benchmarks.rig.server import END_WITH_US, Stage
from support.nodes.node import Node, start_node
from support.nodes.processes import wait_until

NAME = "bench"
APP = "benchmarks.rig.noop_app"
STARTING = 180.0  # seconds; a hundred interpreters take their time on two processors
RUNNING = 1800.0
HOLD = "insert into pgdispatch.node (name, backgrounders, is_drained) values (%s, %s, true)"
RELEASE = "update pgdispatch.node set is_drained = false where is_drained"
COUNT = "select count(*) from pgdispatch.backgrounder where node = %s"
BEATS = "select from pgdispatch.node where name = %s and heartbeat_at is not null"
ENDED = "select count(*) from pgdispatch.job_history"


@contextmanager
def held_nodes(
    stage: Stage, dsn: str, form: Form, environment: Mapping[str, str] | None = None
) -> Iterator[list[Node]]:
    """Give nodes with all their backgrounders up, which take no job before their `release`."""
    names = [NAME if number == 0 else f"{NAME}-{number}" for number in range(form.processes)]
    with stage.connect(dsn) as connection:
        for name in names:
            connection.execute(HOLD, [name, form.slots])
    with ExitStack() as stack:
        nodes = []
        for name in names:
            nodes.append(start(stage, dsn, form.slots, name=name, environment=environment))
            stack.callback(nodes[-1].stop)
        for node in nodes:
            wait_until_up(stage, dsn, node, form.slots)
        yield nodes


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


def release(stage: Stage, dsn: str) -> None:
    """Let the held nodes take jobs."""
    with stage.connect(dsn) as connection:
        connection.execute(RELEASE)


def start(
    stage: Stage,
    dsn: str,
    processes: int,
    *,
    name: str = NAME,
    environment: Mapping[str, str] | None = None,
) -> Node:
    """Start a node with so many backgrounders, whatever the number of processors."""
    processors = max(2 * processes, 2)
    options = {"app": APP, "processes": processes, "processors": processors, "grace": 5}
    given = {"PGDISPATCH_DSN": dsn, **(environment or {})}
    return start_node(name, stage.folder, options, given, before=END_WITH_US)


@contextmanager
def running_node(
    stage: Stage, dsn: str, processes: int, environment: Mapping[str, str] | None = None
) -> Iterator[Node]:
    """Give a node with so many backgrounders, all of them up."""
    node = start(stage, dsn, processes, environment=environment)
    try:
        wait_until_up(stage, dsn, node, processes)
        yield node
    finally:
        node.stop()


def wait_until_up(stage: Stage, dsn: str, node: Node, processes: int) -> None:
    """Return once all backgrounders of a node have told that they are there."""
    with stage.connect(dsn) as connection:

        def is_up() -> bool:
            node.check()
            row = connection.execute(COUNT, [node.name]).fetchone()
            return row is not None and int(row[0]) >= processes

        wait_until(is_up, f"the start of {processes} backgrounders", within=STARTING, every=0.1)


def wait_until_ended(stage: Stage, dsn: str, nodes: Sequence[Node], jobs: int) -> None:
    """Return once so many jobs are in the history."""
    with stage.connect(dsn) as connection:

        def is_over() -> bool:
            for node in nodes:
                node.check()
            row = connection.execute(ENDED).fetchone()
            return row is not None and int(row[0]) >= jobs

        wait_until(is_over, f"running {jobs} jobs", within=RUNNING, every=0.25)
