"""A node has forecasts made by a process of its own, whatever becomes of that.

On the newest server only, to save time.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgdispatch.host import procfs
from support.nodes.cluster import Cluster
from support.nodes.node import Node
from support.nodes.processes import wait_until

pytestmark = pytest.mark.usefixtures("newest_only")
MADE = "select count(*) from pgdispatch.forecast_state where made_at is not null"
PROBLEM = "select problem from pgdispatch.forecast_state"
LOWEST = 19
LOGIN = "pgdispatch_test_forecasts"


@pytest.fixture
def login(cluster: Cluster) -> Iterator[str]:
    """Give the dsn of a login that has the rights of a node and nothing else."""
    cluster.verbs.run(f"create role {LOGIN} login in role pgdispatch_worker")
    yield make_conninfo(cluster.dsn, user=LOGIN)
    for node in cluster.nodes:
        node.stop()
    cluster.verbs.run(f"drop role {LOGIN}")


@contextmanager
def kept_waiting(cluster: Cluster) -> Iterator[None]:
    """Let whoever reads what a forecast needs wait; the next one is made at once.

    However long the last one took on this machine, which else decides how long it pauses.
    """
    cluster.verbs.run("update pgdispatch.forecast_state set ended_at = began_at")
    with psycopg.connect(cluster.dsn) as connection:
        connection.execute("lock table pgdispatch.linked_task_step")
        yield


def makers(node: Node) -> list[int]:
    """Return the processes of a node that make a forecast."""
    return [pid for pid in node.family() if b"pgdispatch.forecast\0" in command_line(pid)]


def command_line(pid: int) -> bytes:
    """Return the command line of a process, nothing if it is gone."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def maker(cluster: Cluster, node: Node) -> int:
    """Wait for a process that makes a forecast, and has got as far as to read."""
    waits = "select count(*) from pg_stat_activity where wait_event = 'relation'"
    wait_until(lambda: cluster.verbs.value(waits) == 1 and len(makers(node)) == 1, within=40)
    return makers(node)[0]


def test_what_waits_is_forecast_and_a_process_that_is_killed_is_only_told_of(
    cluster: Cluster, login: str
) -> None:
    """The next one is made when it is due. With the node its process ends at once."""
    cluster.set(forecast_every_seconds=1)
    cluster.verbs.run("select pgdispatch.look_at_forecast()")
    first, behind = cluster.job("block"), cluster.job("block")
    node = cluster.start(processes=1, dsn=login)
    cluster.running(first)

    wait_until(lambda: cluster.verbs.value(MADE) == 1)
    rows = cluster.verbs.rows("select * from pgdispatch.forecast order by job")
    with kept_waiting(cluster):
        hanging = maker(cluster, node)
        priority = os.getpriority(os.PRIO_PROCESS, hanging)
        os.kill(hanging, signal.SIGKILL)
        wait_until(lambda: cluster.verbs.value(PROBLEM) is not None)
    problem = cluster.verbs.value(PROBLEM)
    with kept_waiting(cluster):
        hanging = maker(cluster, node)
        cluster.release(first, behind)
        node.send(signal.SIGTERM)
        wait_until(lambda: node.process.poll() is not None)

    assert [(row["job"], row["state"]) for row in rows] == [(first, "running"), (behind, "waiting")]
    assert rows[1]["starts_at"] is not None
    assert priority == LOWEST
    assert problem == "the process was killed by signal 9 (SIGKILL)"
    assert node.exit_status() == 0
    assert node.log.count("no forecast was made") == 1
    assert procfs.look_at(hanging) is None
