"""Whatever makes a backgrounder deaf to its supervisor ends it, and it is replaced.

The job that did it ends in a way that has a name, the next ones run, and there are as many
backgrounders as before. On the newest server only: nothing here is the server's.
"""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from support.nodes.cluster import Cluster
from support.nodes.node import Node
from support.nodes.processes import is_alive, wait_until

pytestmark = pytest.mark.usefixtures("newest_only")
APP = "support.nodes.unruly_app"
CUT_OFF = "lost its channel to the supervisor: the handler has closed or replaced it"
HANG_UP = (
    "select pg_terminate_backend(pid) from pg_stat_activity "
    "where application_name = 'pgdispatch n turns'"
)


def start(cluster: Cluster) -> tuple[Node, int]:
    """Start a node of one backgrounder; return it, and the number of that process."""
    return cluster.start(app=APP, processes=1), cluster.up("n:1")


def serves_again(cluster: Cluster, pid: int) -> int:
    """Wait until another process has taken the place of one, which is gone; return its number."""
    wait_until(lambda: not is_alive(pid))
    cluster.ended(cluster.job("nothing"))
    wait_until(lambda: cluster.count() == 1 and cluster.pid("n:1") not in (None, pid))
    return cluster.up("n:1")


def killed(ended: dict[str, Any]) -> tuple[str, str, str]:
    """Return what there is to say about the end of a job."""
    return ended["outcome"], ended["failed_as"], ended["error"]


def test_a_handler_that_spoils_the_channel_fails_and_its_process_is_replaced(
    cluster: Cluster,
) -> None:
    """By closing it, putting something else there, talking nonsense, or becoming a program."""
    _, pid = start(cluster)
    for do in ("close", "replace", "scribble", "become"):
        ended = cluster.ended(cluster.job(do))
        pid = serves_again(cluster, pid)

        assert killed(ended) == ("failed", "killed", f"backgrounder n:1 {CUT_OFF}")


def test_a_handler_without_a_channel_still_hears_that_it_is_cancelled(cluster: Cluster) -> None:
    """That is the last that it hears: there it ends."""
    _, pid = start(cluster)
    job = cluster.job("close and wait")
    cluster.running(job)

    cluster.verbs.cancel(job, "enough")
    ended = cluster.ended(job)
    serves_again(cluster, pid)

    assert ended["outcome"] == "cancelled"


def test_a_thread_that_stays_does_not_keep_a_process_from_its_end(cluster: Cluster) -> None:
    """The interpreter would wait for it, for ever."""
    _, pid = start(cluster)

    ended = cluster.ended(cluster.job("linger"))
    serves_again(cluster, pid)

    assert killed(ended) == ("failed", "error", "the handler exited with status 3")


def test_a_process_without_descriptors_is_replaced_when_a_handler_fails(cluster: Cluster) -> None:
    """It needs none itself, to take a job and to say how that ended."""
    _, pid = start(cluster)

    starved = cluster.ended(cluster.job("starve"))
    same = cluster.pid("n:1")
    failed = cluster.ended(cluster.job("starve and fail"))
    serves_again(cluster, pid)

    assert (starved["outcome"], same) == ("succeeded", pid)
    assert failed["error"].startswith("OSError: [Errno 24] Too many open files")


def test_a_handler_without_signals_is_killed_when_it_is_cancelled(cluster: Cluster) -> None:
    """It blocks them, and takes no notice."""
    cluster.set(cancel_grace_seconds=1)
    _, pid = start(cluster)
    job = cluster.job("numb")
    cluster.running(job)

    cluster.verbs.cancel(job, "enough")
    ended = cluster.ended(job)
    serves_again(cluster, pid)

    assert ended["outcome"] == "cancelled"


def test_what_a_handler_leaves_behind_does_no_harm(cluster: Cluster) -> None:
    """Closed streams do not become connections; the process hears, also after a reconnect."""
    node, pid = start(cluster)
    for do in ("silence", "uproot"):
        spoilt = cluster.ended(cluster.job(do))
        cluster.verbs.run(HANG_UP)
        after = cluster.ended(cluster.job("nothing"))

        assert (spoilt["outcome"], after["outcome"]) == ("succeeded", "succeeded")
        assert (cluster.pid("n:1"), is_alive(pid)) == (pid, True)
    cluster.verbs.run("update pgdispatch.node set backgrounders = 0")
    wait_until(lambda: not is_alive(pid))
    assert node.process.poll() is None


def test_an_idle_process_that_does_not_hear_is_replaced(cluster: Cluster) -> None:
    """Here it is stopped by a signal, and would be woken for ever."""
    node, pid = start(cluster)
    cluster.ended(cluster.job("nothing"))

    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: not is_alive(pid), within=60)
    serves_again(cluster, pid)

    assert "backgrounder n:1 did not hear its supervisor, replaced" in node.log
