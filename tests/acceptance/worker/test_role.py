"""A node needs no more rights than the role pgdispatch_worker gives.

On the newest server only, to save time.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from psycopg.conninfo import make_conninfo

from support.nodes.cluster import Cluster
from support.nodes.http import address_of, ask, metrics_once
from support.nodes.processes import wait_until

pytestmark = pytest.mark.usefixtures("newest_only")
LOGIN = "pgdispatch_test_node"


@pytest.fixture
def login(cluster: Cluster) -> Iterator[str]:
    """Give the dsn of a login that has this role and nothing else."""
    cluster.verbs.run(f"create role {LOGIN} login in role pgdispatch_worker")
    yield make_conninfo(cluster.dsn, user=LOGIN)
    for node in cluster.nodes:
        node.stop()
    cluster.verbs.run(f"drop role {LOGIN}")


def test_a_node_runs_jobs_keeps_the_clock_and_serves_its_pages(
    cluster: Cluster, login: str
) -> None:
    """Nothing that it does is denied, from its start to its end."""
    node = cluster.start(processes=1, dsn=login)
    address = address_of(cluster)
    failed = cluster.job("fail")

    cluster.ended(failed)
    page = metrics_once(address, "pgdispatch_jobs_finished_total", 1)
    ready = ask(address, "/readyz")
    cluster.verbs.run("update pgdispatch.node set application_servers = 2")
    address_of(cluster, "n/2")
    node.send(signal.SIGTERM)
    wait_until(lambda: node.process.poll() is not None)

    assert page.value("pgdispatch_database_up") == 1
    assert page.value("pgdispatch_queue_jobs") == 0
    assert ready.status == 200
    assert node.exit_status() == 0
    assert "permission denied" not in node.log
