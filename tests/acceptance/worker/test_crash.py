"""Processes that are killed or frozen lose no job and end none twice.

A lease of 8 s takes the place of the usual 15. All but the first run on the newest server only.
"""

from __future__ import annotations

import os
import re
import signal

import pytest

from support.nodes.cluster import Cluster
from support.nodes.processes import is_alive, wait_until

LEASE = 8


def test_a_killed_backgrounder_fails_its_job_and_is_replaced(cluster: Cluster) -> None:
    """The error names the signal, its children die too, and later jobs run in the new process."""
    job = cluster.job("parent")
    cluster.start(processes=1)
    cluster.running(job)
    pid = cluster.up("n:1")
    children = cluster.children(job)

    os.kill(pid, signal.SIGKILL)
    killed = cluster.ended(job)

    assert (killed["outcome"], killed["failed_as"]) == ("failed", "killed")
    assert killed["error"] == "backgrounder n:1 was killed by signal 9 (SIGKILL)"
    assert cluster.ended(cluster.job("nothing"))["outcome"] == "succeeded"
    assert cluster.pid("n:1") != pid
    assert not any(map(is_alive, children))


@pytest.mark.usefixtures("newest_only")
def test_a_killed_supervisor_takes_its_backgrounders_along_and_loses_its_jobs_once(
    cluster: Cluster,
) -> None:
    """They run to their end on the other node, after the lease, as the second attempt."""
    cluster.set(lease_seconds=LEASE)
    jobs = [cluster.job("block"), cluster.job("parent")]
    first = cluster.start("a", processes=3)
    cluster.running(*jobs)
    second = cluster.start("b", processes=2)
    cluster.up("b:2")
    cluster.children(jobs[1])

    first.process.kill()
    wait_until(lambda: not first.family(), within=2)
    cluster.release(*jobs)

    for job in jobs:
        ended = cluster.ended(job)
        assert (ended["outcome"], ended["attempt"], ended["losses"]) == ("succeeded", 2, 1)
        assert ended["result"] == {"attempt": 2}
        assert [name[0] for name in cluster.runs(job)] == ["a", "b"]
    told = r"a:\d: job \d+, system of site default: lost after \d"
    wait_until(lambda: len(re.findall(told, second.log)) == len(jobs))


@pytest.mark.usefixtures("newest_only")
def test_a_name_is_free_after_the_lease_and_a_job_lost_too_often_fails(cluster: Cluster) -> None:
    """One in the place of a killed one that did not say which process it is; max_losses is 1."""
    cluster.set(lease_seconds=LEASE, max_losses=1)
    job = cluster.job()
    killed = cluster.start(processes=1)
    cluster.running(job)

    killed.process.kill()
    killed.process.wait()
    cluster.verbs.run("update pgdispatch.node set process = null")
    second = cluster.start(processes=1)
    ended = cluster.ended(job)

    assert (ended["outcome"], ended["failed_as"], ended["losses"]) == ("failed", "lost", 1)
    assert ended["error"] == "its node was lost 1 times, the last was n"
    assert cluster.runs(job) == ["n:1"]
    assert "node n already has a live supervisor" in second.log
    assert cluster.ended(cluster.job("nothing"))["outcome"] == "succeeded"


@pytest.mark.usefixtures("newest_only")
def test_a_frozen_node_cannot_end_what_another_has_taken_over(cluster: Cluster) -> None:
    """When it thaws, a late result is refused, and a job still at work there is killed."""
    cluster.set(lease_seconds=LEASE)
    late, long = jobs = [cluster.job(), cluster.job("deaf")]
    frozen = cluster.start("a", processes=2)
    cluster.running(*jobs)
    where = cluster.runs(long)[0]
    pid = cluster.up(where)
    frozen.send_all(signal.SIGSTOP)
    cluster.start("b", processes=2)
    wait_until(lambda: len(cluster.runs()) == 4)
    cluster.release(late, attempt=1)

    frozen.send_all(signal.SIGCONT)
    wait_until(lambda: f"result dropped: job {late} is not running as attempt 1" in frozen.log)
    wait_until(lambda: not is_alive(pid))
    cluster.release(*jobs)

    assert f"{where}: job {long} was taken away" in frozen.log
    for job in jobs:
        ended = cluster.ended(job)
        assert (ended["outcome"], ended["attempt"], ended["losses"]) == ("succeeded", 2, 1)
        assert (ended["backgrounder"][0], ended["result"]) == ("b", {"attempt": 2})
        assert len(cluster.runs(job)) == 2
