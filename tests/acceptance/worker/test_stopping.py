"""A cancelled or overrun job is asked to stop, then killed with everything that it started.

All but the first run on the newest server only, to save time.
"""

from __future__ import annotations

import pytest

from support.nodes.cluster import Cluster
from support.nodes.processes import is_alive, wait_until


def test_a_cancelled_job_stops_when_asked(cluster: Cluster) -> None:
    """Who and why are in the history; the process goes on."""
    job = cluster.job()
    cluster.start(processes=1)
    cluster.running(job)
    pid = cluster.up("n:1")

    assert cluster.verbs.cancel(job, "wrong month") == "requested"
    ended = cluster.ended(job)

    assert ended["outcome"] == "cancelled"
    assert ended["failed_as"] is None
    assert (ended["cancelled_by"], ended["cancel_reason"]) == ("tester", "wrong month")
    cluster.ended(cluster.job("nothing"))
    assert cluster.pid("n:1") == pid


@pytest.mark.usefixtures("newest_only")
def test_a_deaf_job_is_killed_after_the_grace_of_its_cancellation(cluster: Cluster) -> None:
    """With its children; who and why are in the history, and the process is replaced."""
    cluster.set(cancel_grace_seconds=1)
    job = cluster.job("parent")
    cluster.start(processes=1)
    cluster.running(job)
    pid = cluster.up("n:1")
    children = cluster.children(job)

    cluster.verbs.cancel(job, "wrong month")
    ended = cluster.ended(job)

    assert ended["outcome"] == "cancelled"
    assert (ended["cancelled_by"], ended["cancel_reason"]) == ("tester", "wrong month")
    assert ended["error"] == "killed after it was asked to stop: cancelled"
    assert (cluster.folder / f"heard-{job}").read_text() == "cancelled"
    wait_until(lambda: not any(map(is_alive, [pid, *children])))
    assert cluster.ended(cluster.job("nothing"))["outcome"] == "succeeded"


@pytest.mark.usefixtures("newest_only")
def test_an_overrun_job_times_out_and_is_killed_if_it_does_not_stop(cluster: Cluster) -> None:
    """One stops when asked and keeps its process; one is deaf and dies of the grace."""
    cluster.set(overrun_grace_seconds=1)
    heeding = cluster.job("block", timeout="1 second")
    deaf = cluster.job("deaf", timeout="1 second")
    cluster.start(processes=2)
    where = dict(zip((heeding, deaf), cluster.running(heeding, deaf), strict=True))
    pids = {job: cluster.up(name) for job, name in where.items()}

    ended = cluster.ended(heeding)
    killed = cluster.ended(deaf)

    assert (ended["outcome"], ended["failed_as"]) == ("failed", "timed out")
    assert ended["error"] == "StoppedError: stopped: timed out"
    assert (killed["outcome"], killed["failed_as"]) == ("failed", "timed out")
    assert killed["error"] == "killed after it was asked to stop: timed out"
    assert is_alive(pids[heeding])
    wait_until(lambda: not is_alive(pids[deaf]))
