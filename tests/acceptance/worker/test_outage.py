"""An outage of the database is told in the log of a node once, not by all that notice it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgdispatch.embedded import EmbeddedServer
from support.nodes.cluster import Cluster
from support.nodes.node import Node
from support.nodes.processes import wait_until
from support.servers.tcp_proxy import open_proxy

pytestmark = pytest.mark.usefixtures("newest_only")
REJECTED = "pg_hba.conf rejects connection"
END_ALL = """
select pg_terminate_backend(pid)
from pg_stat_activity
where pid <> pg_backend_pid() and backend_type = 'client backend'
"""


def lines(node: Node) -> list[str]:
    """Return what a node has said so far about its database, without when and how long."""
    told = [line[line.index("n: ") :] for line in node.log.splitlines() if "the database" in line]
    return [line.rpartition(" after ")[0] or line for line in told]


def is_back(node: Node) -> bool:
    """Tell whether a node has said that its database is back."""
    return "n: the database is back after" in node.log


def test_a_database_that_lets_nobody_in_is_two_lines_however_long(cluster: Cluster) -> None:
    """The three sessions of the supervisor find that out again and again."""
    with open_proxy(cluster.dsn) as proxy:
        jobs = [cluster.job(), cluster.job()]
        node = cluster.start(processes=2, dsn=proxy.dsn(cluster.dsn))
        cluster.running(*jobs)

        proxy.shut()
        cluster.release(*jobs)
        wait_until(lambda: proxy.refused > 20)
        proxy.open()
        wait_until(lambda: is_back(node))

    assert lines(node)[:2] == [
        "n: the database is away: the connection was closed",
        "n: the database is back",
    ]


def test_one_that_rejects_the_node_is_told_with_its_reason(
    own_server: EmbeddedServer, own_cluster: Cluster
) -> None:
    """As pg_hba.conf may from one moment to the next."""
    jobs = [own_cluster.job(), own_cluster.job()]
    node = own_cluster.start(processes=2)
    own_cluster.running(*jobs)
    file = Path(own_cluster.verbs.value("show hba_file"))
    before = file.read_text()

    file.write_text("local all all reject\n")
    own_cluster.verbs.run("select pg_reload_conf()")
    own_cluster.verbs.run(END_ALL)
    own_cluster.release(*jobs)
    wait_until(lambda: own_server.log_tail(1000).count(REJECTED) > 20)
    file.write_text(before)
    own_cluster.verbs.run("select pg_reload_conf()")
    wait_until(lambda: is_back(node))

    *first, second, third = lines(node)
    reasons = ("terminating connection due to administrator command", "the connection was closed")
    assert [line.removeprefix("n: the database is away: ") in reasons for line in first] in (
        [],  # nobody was asking anything just then
        [True],
    )
    still = "still away" if first else "away"
    assert second.startswith(f"n: the database is {still}: {REJECTED}")
    assert third == "n: the database is back"


def test_a_crash_and_a_restart_is_told_once_for_each_reason(
    own_server: EmbeddedServer, own_cluster: Cluster
) -> None:
    """None comes twice, and none is empty."""
    job = own_cluster.job()
    node = own_cluster.start(processes=2)
    own_cluster.running(job)

    own_server.crash()
    own_cluster.release(job)
    wait_until(lambda: "is away" in node.log)
    own_server.restart()
    wait_until(lambda: is_back(node))
    own_cluster.connect()

    told = lines(node)
    assert told[0].startswith("n: the database is away: ")
    assert told[-1] == "n: the database is back"
    assert len(set(told)) == len(told) <= 5
    assert not any(line.endswith(": ") for line in told)
