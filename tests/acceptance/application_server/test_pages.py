"""A node's application servers: health, readiness and metrics over HTTP.

All but the first run on the newest server only, to save time.
"""

from __future__ import annotations

import os
import signal

import pytest

from support.nodes.cluster import Cluster
from support.nodes.http import address_of, ask, metrics_once
from support.nodes.processes import wait_until


def test_a_node_says_that_it_is_healthy_and_ready_and_names_its_pages(cluster: Cluster) -> None:
    """The status for machines, the reason for people."""
    cluster.start(processes=1)
    address = address_of(cluster)
    cluster.up("n:1")

    live, health, ready, index = (
        ask(address, path) for path in ("/livez", "/healthz", "/readyz", "/")
    )

    assert (live.status, live.facts["status"]) == (200, "live")
    assert (health.status, health.facts["status"]) == (200, "healthy")
    assert (ready.status, ready.facts["status"]) == (200, "ready")
    assert index.status == 200
    assert all(path in index.text for path in ("/livez", "/healthz", "/readyz", "/metrics"))


@pytest.mark.usefixtures("newest_only")
def test_a_drained_node_is_healthy_but_not_ready(cluster: Cluster) -> None:
    """Until it is resumed."""
    cluster.start(processes=1)
    address = address_of(cluster)
    cluster.up("n:1")

    cluster.verbs.run("update pgdispatch.node set is_drained = true")
    health, ready = ask(address, "/healthz"), ask(address, "/readyz")
    cluster.verbs.run("update pgdispatch.node set is_drained = false")

    assert health.status == 200
    assert (ready.status, ready.facts["reason"]) == (503, "the node is drained")
    assert ask(address, "/readyz").status == 200


@pytest.mark.usefixtures("newest_only")
def test_a_node_without_a_backgrounder_is_ready_only_if_none_is_wanted(cluster: Cluster) -> None:
    """The row of a process that is up is taken away here; it is not started again for that."""
    cluster.start(processes=1)
    address = address_of(cluster)
    cluster.up("n:1")
    cluster.verbs.run("delete from pgdispatch.backgrounder")

    missing = ask(address, "/readyz")
    cluster.verbs.run("update pgdispatch.node set backgrounders = 0")
    unwanted = ask(address, "/readyz")

    assert (missing.status, missing.facts["reason"]) == (503, "no backgrounder is up")
    assert unwanted.status == 200


@pytest.mark.usefixtures("newest_only")
def test_a_node_whose_supervisor_hangs_is_not_healthy(cluster: Cluster) -> None:
    """Nor live, once its lease is over; it is both when the supervisor goes on."""
    cluster.set(lease_seconds=8)
    node = cluster.start(processes=1)
    address = address_of(cluster)

    node.send(signal.SIGSTOP)
    wait_until(lambda: ask(address, "/healthz").status == 503)
    page = ask(address, "/healthz")
    wait_until(lambda: ask(address, "/livez").status == 503)
    dead = ask(address, "/livez")
    node.send(signal.SIGCONT)

    assert page.facts["status"] == "not healthy"
    assert page.facts["reason"].startswith("no heart-beat for")
    assert dead.facts["status"] == "not live"
    assert dead.facts["reason"].startswith("the supervisor has been silent for 1")
    for path in ("/healthz", "/livez"):
        wait_until(lambda path=path: ask(address, path).status == 200)  # type: ignore[misc]


@pytest.mark.usefixtures("newest_only")
def test_only_reading_is_allowed_and_nothing_secret_is_told(cluster: Cluster) -> None:
    """Every page, asked in every way."""
    cluster.job("show", title="sesame", args='{"do": "show", "password": "sesame"}')
    cluster.start(processes=1, dsn=f"{cluster.dsn} password=sesame")
    address = address_of(cluster)
    metrics_once(address, "pgdispatch_jobs_finished_total", 1)

    pages = ["/", "/livez", "/healthz", "/readyz", "/metrics"]
    refused = [
        ask(address, page, method).status
        for page in pages
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS")
    ]
    heads = [ask(address, page, "HEAD") for page in pages]

    assert set(refused) == {405}
    assert {(head.status, head.text) for head in heads} == {(200, "")}
    assert ask(address, "/etc/passwd").status == 404
    assert ask(address, "/metrics/").status == 404
    assert not [page for page in pages if "sesame" in ask(address, page).text]


@pytest.mark.usefixtures("newest_only")
def test_a_killed_application_server_is_replaced_at_the_same_address(cluster: Cluster) -> None:
    """Whoever asks meanwhile waits; the backgrounders and their jobs are left alone."""
    job = cluster.job()
    node = cluster.start(processes=1)
    cluster.running(job)
    address = address_of(cluster)
    find = "select pid from pgdispatch.application_server"
    pid = cluster.verbs.value(find)

    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: pid not in node.family())
    page = ask(address, "/healthz", within=20)
    wait_until(lambda: cluster.verbs.value(find) != pid)

    assert page.status == 200
    assert address_of(cluster) == address
    assert "n/1 was killed by signal 9 (SIGKILL)" in node.log
    cluster.release(job)
    assert cluster.ended(job)["attempt"] == 1


@pytest.mark.usefixtures("newest_only")
def test_several_application_servers_share_one_address_and_say_the_same(cluster: Cluster) -> None:
    """Each of them answers while the other hangs; both know what was before they started."""
    cluster.start(processes=1)
    cluster.ended(cluster.job("nothing"))
    metrics_once(address_of(cluster), "pgdispatch_jobs_finished_total", 1)
    cluster.verbs.run("update pgdispatch.node set application_servers = 2")
    address = address_of(cluster, "n/2")
    pids = cluster.verbs.values("select pid from pgdispatch.application_server order by number")

    counts = []
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
        page = ask(address, "/metrics")
        os.kill(pid, signal.SIGCONT)
        counts.append(page.value("pgdispatch_jobs_finished_total"))

    assert len(set(pids)) == 2
    assert address_of(cluster, "n/1") == address
    assert counts == [1, 1]


@pytest.mark.usefixtures("newest_only")
def test_application_servers_answer_until_the_node_has_drained(cluster: Cluster) -> None:
    """They are the last to go, and their rows with them."""
    job = cluster.job()
    node = cluster.start(processes=2)
    cluster.up("n:2")
    cluster.running(job)
    address = address_of(cluster)

    node.send(signal.SIGTERM)
    wait_until(lambda: cluster.count() == 1)
    page = ask(address, "/healthz")
    cluster.release(job)

    assert page.status == 200
    assert node.exit_status() == 0
    assert cluster.verbs.values("select id from pgdispatch.application_server") == []
    with pytest.raises(ConnectionRefusedError):
        ask(address, "/healthz")
