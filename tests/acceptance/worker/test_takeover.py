"""A node that was killed and is started again goes on at once, and nobody else takes its name so.

The lease is an hour: what happens here does not happen because it is over.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence

import pytest

from support.nodes.cluster import Cluster
from support.nodes.node import POWERLESS, Node
from support.nodes.processes import is_alive, wait_until

pytestmark = pytest.mark.usefixtures("newest_only")
TAKEN_OVER = "taken over from one no more"
WAITING = "waiting for it to be given up"
AS_USER = () if os.geteuid() == 0 else ("--user", "--map-root-user")
ELSEWHERE = ("unshare", *AS_USER, "--pid", "--fork", "--mount-proc")
SERVERS = "select id from pgdispatch.application_server"
FORGET = (
    "update pgdispatch.node set heartbeat_at = null",
    "delete from pgdispatch.backgrounder",
    "delete from pgdispatch.application_server",
    "delete from pgdispatch.node",
)
ANOTHER_BOOT = "update pgdispatch.node set process = 'f' || substr(process, 2)"


def has_namespaces() -> bool:
    """Tell whether this machine lets a test number processes of its own."""
    try:
        return (
            subprocess.run([*ELSEWHERE, "true"], check=False, capture_output=True).returncode == 0
        )
    except OSError:
        return False


def waits(node: Node) -> bool:
    """Tell whether a node has asked twice for its name in vain, and not taken it over."""
    return node.log.count(WAITING) >= 2 and TAKEN_OVER not in node.log


@pytest.fixture
def held(cluster: Cluster) -> Cluster:
    """Give a cluster whose nodes hold their names for an hour."""
    cluster.set(lease_seconds=3600)
    return cluster


def test_a_killed_node_that_is_started_again_runs_its_jobs_at_once(held: Cluster) -> None:
    """All of it was killed. They go back to their place, and the loss is counted."""
    jobs = [held.job(datasource=name) for name in "ab"]
    killed = held.start(processes=2)
    held.running(*jobs)

    killed.send_all(signal.SIGKILL)
    again = held.start(processes=2)
    held.release(*jobs)

    for job in jobs:
        ended = held.ended(job)
        assert (ended["outcome"], ended["attempt"], ended["losses"]) == ("succeeded", 2, 1)
    assert TAKEN_OVER in again.log
    wait_until(lambda: again.log.count(": lost\n") == len(jobs))


@pytest.mark.parametrize("inside", [(), POWERLESS], ids=["root", "nobody"])
def test_what_a_killed_supervisor_left_running_ends_before_its_name_is_taken_over(
    held: Cluster, inside: Sequence[str]
) -> None:
    """Its backgrounders, and what made itself independent: two would work on one datasource."""
    job = held.job("stray", datasource="sales")
    killed = held.start(processes=1, inside=inside)
    held.running(job)
    (stray,) = held.children(job)
    backgrounder = held.up("n:1")

    killed.process.kill()
    assert is_alive(stray)
    held.start(processes=1, inside=inside)
    wait_until(lambda: held.runs(job) == ["n:1", "n:1"])

    assert not is_alive(stray)
    assert not is_alive(backgrounder)


def test_a_frozen_supervisor_keeps_its_name(held: Cluster) -> None:
    """It only looks dead: it may thaw, and its jobs run on."""
    job = held.job()
    frozen = held.start(processes=1)
    held.running(job)

    frozen.send(signal.SIGSTOP)
    second = held.start(processes=1)
    wait_until(lambda: waits(second))
    frozen.send(signal.SIGCONT)
    held.release(job)

    assert held.ended(job)["attempt"] == 1


@pytest.mark.skipif(not has_namespaces(), reason="needs namespaces of processes")
def test_a_supervisor_that_counts_other_processes_keeps_its_name(held: Cluster) -> None:
    """One in a container: its number is not there outside, or is somebody else's."""
    job = held.job()
    inside = held.start(processes=1, inside=ELSEWHERE)
    held.running(job)

    outside = held.start(processes=1)
    wait_until(lambda: waits(outside))
    held.release(job)

    assert held.ended(job)["attempt"] == 1
    inside.send_all(signal.SIGKILL)


def test_a_supervisor_of_another_boot_keeps_its_name(held: Cluster) -> None:
    """Of another machine, that is: nobody here can tell whether it is dead."""
    job = held.job()
    killed = held.start(processes=1)
    held.running(job)
    killed.send_all(signal.SIGKILL)
    held.verbs.run(ANOTHER_BOOT)

    second = held.start(processes=1)
    wait_until(lambda: waits(second))

    assert held.verbs.state(job) == "running"


def test_a_node_that_was_forgotten_while_it_was_cut_off_is_back_with_its_processes(
    cluster: Cluster,
) -> None:
    """Nobody else has its name: it takes it anew, and goes on."""
    node = cluster.start(processes=2)
    pids = [cluster.up("n:1"), cluster.up("n:2")]
    wait_until(lambda: cluster.verbs.values(SERVERS) == ["n/1"])

    with cluster.verbs.connection.transaction():
        for statement in FORGET:
            cluster.verbs.run(statement)

    assert [cluster.up("n:1"), cluster.up("n:2")] == pids
    wait_until(lambda: cluster.verbs.values(SERVERS) == ["n/1"])
    assert cluster.verbs.value("select backgrounders from pgdispatch.node") == 2
    job = cluster.job("nothing")
    assert cluster.ended(job)["outcome"] == "succeeded"
    assert node.log.count("was forgotten") == 1
