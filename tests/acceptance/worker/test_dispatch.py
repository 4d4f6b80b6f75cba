"""Workers run the jobs of the queue in its order, each once, on however many nodes there are."""

from __future__ import annotations

import os
import signal

import pytest

from support.nodes.cluster import Cluster
from support.nodes.processes import is_alive, wait_until


def test_jobs_start_in_the_order_that_the_queue_showed(cluster: Cluster) -> None:
    """Ten jobs of mixed types and priorities, inserted as from psql, on one backgrounder."""
    cluster.verbs.run(
        "insert into pgdispatch.job (type, priority) values "
        "('full_extract', 50), ('flow', 70), ('system', 1), ('alert', 50), ('flow', null), "
        "('subscription', 20), ('incremental_extract', 20), ('system', 100), ('flow', 1), "
        "('extract_creation', 50)"
    )
    shown = cluster.waiting()

    cluster.start(processes=1)
    outcomes = [cluster.ended(job)["outcome"] for job in shown]

    assert len(shown) == 10
    assert shown != sorted(shown)
    assert outcomes == ["succeeded"] * 10
    assert [int(run.split()[0]) for run in cluster.runs()] == shown
    assert (
        cluster.verbs.values("select id from pgdispatch.job_history order by started_at") == shown
    )


def test_two_nodes_share_the_work_and_no_job_runs_twice(cluster: Cluster) -> None:
    """Four long jobs fill both nodes; then a crowd of short ones, some on one datasource."""
    long = [cluster.job() for _ in range(4)]
    cluster.start("a", processes=2)
    cluster.start("b", processes=2)

    busy = cluster.running(*long)
    short = [
        cluster.job("nothing", datasource="one" if number % 4 == 0 else None)
        for number in range(60)
    ]
    cluster.release(*long)
    wait_until(lambda: cluster.verbs.value("select count(*) from pgdispatch.job") == 0)

    assert sorted(busy) == ["a:1", "a:2", "b:1", "b:2"]
    assert sorted(int(run.split()[0]) for run in cluster.runs()) == [*long, *short]
    assert cluster.verbs.values("select distinct outcome from pgdispatch.job_history") == [
        "succeeded"
    ]


@pytest.mark.usefixtures("newest_only")
def test_a_node_limited_to_types_leaves_the_others_in_the_queue(cluster: Cluster) -> None:
    """The view names the reason. On the newest server only."""
    flow = cluster.job("nothing", type="flow", priority=90)
    alert = cluster.job("nothing", type="alert", priority=80)
    extract = cluster.job("nothing", type="full_extract", priority=1)

    cluster.start(types="flow,alert")
    cluster.ended(flow)

    assert cluster.ended(alert)["outcome"] == "succeeded"
    assert cluster.waiting() == [extract]
    assert cluster.verbs.value("select reason from pgdispatch.queue") == (
        "no node takes full_extracts"
    )


@pytest.mark.usefixtures("newest_only")
def test_a_change_of_the_node_row_is_followed_without_touching_a_running_job(
    cluster: Cluster,
) -> None:
    """From three to one while the second and third are busy, then up again to two."""
    jobs = [cluster.job() for _ in range(3)]
    node = cluster.start(processes=3)
    where = dict(zip(cluster.running(*jobs), jobs, strict=True))
    old = {name: cluster.up(name) for name in where}

    resize(cluster, 1)
    cluster.release(where["n:2"])
    wait_until(lambda: cluster.pid("n:2") is None)
    resize(cluster, 2)
    wait_until(lambda: cluster.pid("n:2") not in (None, old["n:2"]))
    extra = cluster.job()
    cluster.running(extra)

    assert cluster.runs(extra) == ["n:2"]
    assert not is_alive(old["n:2"])
    cluster.release(*jobs, extra)
    assert {cluster.ended(job)["outcome"] for job in (*jobs, extra)} == {"succeeded"}
    assert all(len(cluster.runs(job)) == 1 for job in jobs)
    wait_until(lambda: cluster.count() == 2 and not is_alive(old["n:3"]))
    assert is_alive(old["n:1"])
    assert node.process.poll() is None


@pytest.mark.usefixtures("newest_only")
def test_a_killed_idle_backgrounder_is_replaced(cluster: Cluster) -> None:
    """Its place is filled before there is work. On the newest server only."""
    cluster.start(processes=1)
    first = cluster.up("n:1")

    os.kill(first, signal.SIGKILL)
    wait_until(lambda: cluster.pid("n:1") not in (None, first))

    assert cluster.ended(cluster.job("nothing"))["backgrounder"] == "n:1"


def resize(cluster: Cluster, backgrounders: int) -> None:
    """Set how many backgrounders the node runs, as an administrator does from psql."""
    cluster.verbs.run("update pgdispatch.node set backgrounders = %s", backgrounders)
