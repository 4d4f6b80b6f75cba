"""What `/metrics` counts: every job once, on the node that ran it.

On the newest server only, to save time.
"""

from __future__ import annotations

import os
import signal

import pytest

from support.nodes.cluster import Cluster
from support.nodes.http import address_of, ask, metrics_once
from support.nodes.processes import wait_until

pytestmark = pytest.mark.usefixtures("newest_only")
FINISHED = "pgdispatch_jobs_finished_total"


def test_the_queue_is_shown_by_state_type_and_gate(cluster: Cluster) -> None:
    """What waits in the cluster, why, and for how long; what runs on this node."""
    running = cluster.job("block", datasource="d")
    cluster.start(processes=1)
    cluster.running(running)
    address = address_of(cluster)
    hour = "clock_timestamp() + interval '1 hour'"
    cluster.verbs.run(
        "insert into pgdispatch.job (type, datasource, not_before) values "
        f"('system', 'd', null), ('flow', null, null), ('flow', null, null), ('flow', null, {hour})"
    )
    cluster.verbs.run("select pgdispatch.register_node('x', gen_random_uuid())")
    for kind in ("system", "flow"):
        cluster.verbs.claim("x:1", [kind])

    cluster.verbs.run("select pgdispatch.pause('type', 'alert')")
    cluster.job("nothing", type="alert")

    page = ask(address, "/metrics")

    assert page.status == 200
    assert page.headers["content-type"].startswith("text/plain; version=")
    assert page.value("pgdispatch_queue_jobs", state="ready", type="flow") == 1
    assert page.value("pgdispatch_queue_jobs", state="delayed", type="flow") == 1
    assert page.value("pgdispatch_queue_jobs", state="parked", type="system") == 1
    assert page.value("pgdispatch_parked_jobs", gate="datasource") == 1
    assert page.value("pgdispatch_waiting_jobs", kind="datasource") == 1
    assert page.value("pgdispatch_waiting_jobs", kind="paused") == 1
    assert page.value("pgdispatch_stuck_jobs") == 1
    assert page.value("pgdispatch_pauses", scope="type") == 1
    assert page.value("pgdispatch_oldest_ready_seconds", type="flow") > 0
    for alert in ("suspended_tasks", "overdue_schedules", "spent_budgets", "silent_nodes"):
        assert page.value(f"pgdispatch_{alert}") == 0
    assert page.value("pgdispatch_running_jobs") == 1
    assert 0 < page.value("pgdispatch_oldest_waiting_seconds", type="flow") < 120
    assert page.value("pgdispatch_backgrounders") == 1
    assert page.value("pgdispatch_backgrounders_wanted") == 1
    assert page.value("pgdispatch_database_up") == 1
    assert page.value("pgdispatch_node_info", node="n") == 1


def test_jobs_are_counted_by_how_they_ended_with_their_times(cluster: Cluster) -> None:
    """Once each, however they ended; one that waited at a gate shows that."""
    cluster.start(processes=1)
    address = address_of(cluster)
    killed = cluster.job("block", datasource="d")
    cluster.running(killed)
    parked = cluster.job("nothing", type="flow", datasource="d")
    cluster.verbs.run("select pgdispatch.register_node('x', gen_random_uuid())")
    cluster.verbs.claim("x:1", ["flow"])
    failed = cluster.job("fail", type="flow")

    os.kill(cluster.up("n:1"), signal.SIGKILL)
    for job in (killed, parked, failed):
        cluster.ended(job)
    page = metrics_once(address, FINISHED, 3)

    assert page.value(FINISHED, type="system", outcome="failed", failed_as="killed") == 1
    assert page.value(FINISHED, type="flow", outcome="failed", failed_as="error") == 1
    assert page.value(FINISHED, type="flow", outcome="succeeded", failed_as="") == 1
    assert page.value("pgdispatch_jobs_started_total") == 3
    assert page.value("pgdispatch_gate_parks_total", gate="datasource") == 1
    assert page.value("pgdispatch_gate_parks_total", gate="site") == 0
    assert page.value("pgdispatch_swept_jobs_total") == 0
    for metric in ("pgdispatch_job_wait_seconds", "pgdispatch_job_run_seconds"):
        assert page.value(f"{metric}_count") == 3
        assert page.value(f"{metric}_bucket", type="flow", le="+Inf") == 2
        assert 0 < page.value(f"{metric}_sum") < 120


def test_the_counters_of_two_nodes_add_up_to_the_jobs(cluster: Cluster) -> None:
    """None is counted twice, one that was given back only where it ended."""
    jobs = [cluster.job("nothing") for _ in range(20)]
    back = cluster.job("block")
    for name in ("a", "b"):
        cluster.start(name, processes=2)
    (where,) = cluster.running(back)
    for job in jobs:
        cluster.ended(job)
    attempt = cluster.verbs.attempt(back)
    cluster.verbs.run("select pgdispatch.requeue(%s, %s)", back, attempt)
    wait_until(lambda: len(cluster.runs(back)) == 2)
    cluster.release(back)
    cluster.ended(back)
    addresses = [address_of(cluster, f"{name}/1") for name in ("a", "b")]

    wait_until(lambda: sum(ask(at, "/metrics").value(FINISHED) for at in addresses) >= 21)
    pages = [ask(address, "/metrics") for address in addresses]

    assert where.startswith(("a:", "b:"))
    assert sum(page.value(FINISHED, outcome="succeeded") for page in pages) == 21
    assert sum(page.value("pgdispatch_jobs_started_total") for page in pages) == 22
