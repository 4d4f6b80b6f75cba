"""The database's clock jumps while nodes are at work: nothing is lost, and nobody is blinded."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest

from support.nodes.cluster import Cluster
from support.nodes.processes import wait_until
from support.sessions.clock import RunningClock

pytestmark = pytest.mark.usefixtures("newest_only")
LEASE = 8
DAY = timedelta(days=1)
HEARD_SINCE = """
select count(*) from pgdispatch.node where heartbeat_at > pgdispatch.now() - interval '1 minute'
    and heartbeat_at <> %s
"""


def hear_twice(cluster: Cluster) -> None:
    """Wait for two heartbeats of the only node, each of which it takes orders along with."""
    for _ in range(2):
        last = cluster.verbs.value("select heartbeat_at from pgdispatch.node")
        wait_until(lambda last=last: cluster.verbs.value(HEARD_SINCE, last) == 1)  # type: ignore[misc]  # a bool


def test_a_clock_that_goes_back_loses_nothing_and_hides_no_loss(cluster: Cluster) -> None:
    """By a day: a dead node's job runs again one lease later, a live node's goes on."""
    cluster.set(lease_seconds=LEASE)
    clock = RunningClock(cluster.verbs.connection)
    lost = cluster.job()
    dead = cluster.start("dead", processes=1)
    cluster.running(lost)
    cluster.start("live", processes=3)
    cluster.up("live:3")
    before = cluster.job()
    cluster.running(before)

    clock.jump(-DAY)
    since = cluster.job()
    cluster.running(since)
    dead.send_all(signal.SIGKILL)
    wait_until(lambda: len(cluster.runs(lost)) == 2)
    cluster.release(lost, before, since)

    assert [cluster.ended(job)["attempt"] for job in (lost, before, since)] == [2, 1, 1]


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["ahead", "back"])
def test_a_job_has_the_time_that_it_may_take_whatever_the_clock_shows(
    cluster: Cluster, jump: timedelta
) -> None:
    """An hour has not passed when the clock jumps ahead by a day; two seconds have, if back."""
    clock = RunningClock(cluster.verbs.connection)
    long, short = cluster.job(timeout="1 hour"), cluster.job(timeout="3 seconds")
    cluster.start(processes=2)
    cluster.running(long, short)

    clock.jump(jump)
    hear_twice(cluster)

    overrun = cluster.ended(short)
    assert (overrun["outcome"], overrun["failed_as"]) == ("failed", "timed out")
    cluster.release(long)
    assert cluster.ended(long)["outcome"] == "succeeded"
