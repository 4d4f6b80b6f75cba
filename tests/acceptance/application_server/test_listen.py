"""Where a node's application servers listen, and how many there are.

On the newest server only, to save time.
"""

from __future__ import annotations

import socket

import pytest

from support.nodes.cluster import Cluster
from support.nodes.http import address_of, ask
from support.nodes.processes import wait_until

pytestmark = pytest.mark.usefixtures("newest_only")


def test_a_port_that_is_taken_is_refused_before_anything_starts(cluster: Cluster) -> None:
    """Exit status 1, what is taken, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        node = cluster.start(listen=f"127.0.0.1:{port}")

        assert node.exit_status() == 1
    assert f"error: cannot listen on 127.0.0.1:{port}" in node.log
    assert "hint: choose another with --listen HOST:PORT" in node.log
    assert "Traceback" not in node.log
    assert cluster.verbs.values("select name from pgdispatch.node") == []


@pytest.mark.parametrize("address", ["8050", ":8050", "localhost", "localhost:http", "::1:80"])
def test_what_is_no_address_is_refused(cluster: Cluster, address: str) -> None:
    """With an example of one."""
    node = cluster.start(listen=address)

    assert node.exit_status() == 2
    assert f"error: '{address}' is not an address to listen on" in node.log
    assert "hint: use HOST:PORT, for example 127.0.0.1:8050" in node.log


def test_an_address_of_another_machine_is_refused_for_good(cluster: Cluster) -> None:
    """With the status that keeps a unit from trying again; one that is taken may become free."""
    node = cluster.start(listen="203.0.113.1:8050")

    assert node.exit_status() == 2
    assert "error: cannot listen on 203.0.113.1:8050" in node.log


def test_it_listens_where_it_was_told(cluster: Cluster) -> None:
    """On the loopback address of the newer protocol here."""
    cluster.start(listen="[::1]:0")

    address = address_of(cluster)

    assert address.startswith("[::1]:")
    assert ask(address, "/healthz").status == 200


def test_the_running_node_follows_a_change_of_both_counts(cluster: Cluster) -> None:
    """Processes that are one too many end after their job; others start."""
    job = cluster.job()
    node = cluster.start(processes=2)
    cluster.up("n:2")
    (where,) = cluster.running(job)
    pid = cluster.pid(where)

    cluster.verbs.run("update pgdispatch.node set backgrounders = 4, application_servers = 2")
    wait_until(lambda: cluster.count() == 4)
    address_of(cluster, "n/2")
    cluster.verbs.run("update pgdispatch.node set backgrounders = 0, application_servers = 1")
    wait_until(lambda: cluster.count() == 1)
    left = cluster.verbs.values("select id from pgdispatch.backgrounder")
    wait_until(lambda: servers(cluster) == ["n/1"])

    assert left == [where]
    assert cluster.pid(where) == pid
    cluster.release(job)
    assert cluster.ended(job)["attempt"] == 1
    wait_until(lambda: cluster.count() == 0)
    assert node.process.poll() is None


def test_more_backgrounders_than_processors_are_refused(cluster: Cluster) -> None:
    """Exit status 1, and nothing is started."""
    node = cluster.start(processes=9, processors=8)

    assert node.exit_status() == 2
    assert "error: " in node.log
    assert "8 processors" in node.log
    assert "hint: " in node.log
    assert "Traceback" not in node.log


def test_more_backgrounders_than_half_of_the_processors_are_warned_of(cluster: Cluster) -> None:
    """Once, in the node's log; they run."""
    node = cluster.start(processes=2, processors=3)
    cluster.up("n:2")

    warnings = [line for line in node.log.splitlines() if "the database warns" in line]

    assert len(warnings) == 1
    assert "node n has 2 backgrounders for 3 processors" in warnings[0]


def servers(cluster: Cluster) -> list[str]:
    """Return the application servers that the database knows."""
    return cluster.verbs.values("select id from pgdispatch.application_server order by id")
