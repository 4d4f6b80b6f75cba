"""Signals that ask a node, or one of its processes, to end: no job counts as failed for that.

On the newest server only, to save time.
"""

from __future__ import annotations

import os
import signal

import pytest

from support.nodes.cluster import Cluster
from support.nodes.processes import is_alive, wait_until

pytestmark = pytest.mark.usefixtures("newest_only")


def test_sighup_drains_like_sigterm(cluster: Cluster) -> None:
    """As when a terminal is closed: jobs finish, and the node signs off."""
    job = cluster.job()
    node = cluster.start(processes=1, inside=["env", "--default-signal=HUP"])
    cluster.running(job)

    node.send(signal.SIGHUP)
    wait_until(lambda: "stopping" in node.log)
    cluster.release(job)

    assert node.exit_status() == 0
    assert cluster.ended(job)["outcome"] == "succeeded"
    assert cluster.verbs.values("select status from pgdispatch.status") == ["stopped"]


def test_a_node_started_to_outlive_its_terminal_does(cluster: Cluster) -> None:
    """With nohup SIGHUP means nothing."""
    node = cluster.start(processes=1, inside=["nohup"])
    cluster.up("n:1")

    node.send(signal.SIGHUP)

    assert cluster.ended(cluster.job("nothing"))["outcome"] == "succeeded"
    assert "stopping" not in node.log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_one_backgrounder_lets_its_job_finish(
    cluster: Cluster, number: signal.Signals
) -> None:
    """Another takes its place, and the node goes on. A job before it had signals for itself."""
    cluster.job("listen")
    job = cluster.job()
    node = cluster.start(processes=1, grace=60)
    cluster.running(job)
    pid = cluster.up("n:1")

    os.kill(pid, number)
    wait_until(lambda: "n:1 was asked to end; its job has 60 s to finish" in node.log)
    cluster.release(job)
    ended = cluster.ended(job)
    after = cluster.ended(cluster.job("nothing"))

    assert (ended["outcome"], ended["attempt"]) == ("succeeded", 1)
    assert after["outcome"] == "succeeded"
    assert cluster.up("n:1") != pid
    assert "exited" not in node.log


@pytest.mark.parametrize("do", ["block", "deaf", "busy"])
def test_a_job_that_outlasts_the_grace_is_given_back(cluster: Cluster, do: str) -> None:
    """Whether it stops when asked or not, even in code that hears no signal: no failure counts."""
    job = cluster.job(do)
    cluster.start(processes=1, grace=0.2)
    cluster.running(job)

    os.kill(cluster.up("n:1"), signal.SIGTERM)
    wait_until(lambda: len(cluster.runs(job)) == 2)
    cluster.release(job)
    ended = cluster.ended(job)

    assert (ended["outcome"], ended["attempt"]) == ("succeeded", 2)
    assert (ended["failures"], ended["losses"]) == (0, 0)


def test_what_a_handler_forks_ends_by_a_signal_as_ever(cluster: Cluster) -> None:
    """As `multiprocessing` ends the processes of a pool."""
    job = cluster.job("parent")
    cluster.start(processes=1)
    _, forked = cluster.children(job)

    os.kill(forked, signal.SIGTERM)
    wait_until(lambda: not is_alive(forked))
    cluster.release(job)

    assert cluster.ended(job)["outcome"] == "succeeded"
