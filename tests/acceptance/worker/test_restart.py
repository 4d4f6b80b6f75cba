"""A restart of the database costs no job. On the newest server only, to save time."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from pgdispatch.embedded import EmbeddedServer
from support.nodes.cluster import Cluster
from support.nodes.http import address_of, ask, metrics_once
from support.nodes.processes import children_of, wait_until
from support.nodes.service_manager import listen_as_service_manager

pytestmark = pytest.mark.usefixtures("newest_only")
FINISHED = "pgdispatch_jobs_finished_total"


def test_a_job_that_ends_while_the_database_is_away_is_reported_when_it_is_back(
    own_server: EmbeddedServer, own_cluster: Cluster
) -> None:
    """Its first attempt counts; one still at work goes on, and what waits is run."""
    done, long = own_cluster.job(), own_cluster.job()
    node = own_cluster.start(processes=2)
    own_cluster.running(done, long)
    late = own_cluster.job("nothing")

    own_server.crash()
    own_cluster.release(done)
    wait_until((own_cluster.folder / f"done-{done}").exists)
    own_server.restart()
    own_cluster.connect()

    ended = own_cluster.ended(done)
    assert own_cluster.ended(late)["outcome"] == "succeeded"
    own_cluster.release(long)
    for row in (ended, own_cluster.ended(long)):
        assert (row["outcome"], row["attempt"], row["losses"]) == ("succeeded", 1, 0)
        assert row["result"] == {"attempt": 1}
    assert len(own_cluster.runs()) == 3
    assert node.process.poll() is None


def test_application_servers_say_that_the_database_is_away_and_when_it_is_back(
    own_server: EmbeddedServer, own_cluster: Cluster
) -> None:
    """The node's own numbers are there all the time, and no request waits for long."""
    own_cluster.start(processes=1)
    address = address_of(own_cluster)
    own_cluster.ended(own_cluster.job("nothing"))
    metrics_once(address, FINISHED, 1)

    own_server.crash()
    pages = {path: ask(address, path) for path in ("/healthz", "/readyz", "/metrics", "/livez")}
    own_server.restart()
    wait_until(lambda: ask(address, "/readyz").status == 200)

    for path in ("/healthz", "/readyz"):
        assert pages[path].status == 503
        assert pages[path].facts["reason"] == "the database does not answer"
    assert pages["/livez"].status == 200
    assert pages["/metrics"].status == 200
    assert pages["/metrics"].value(FINISHED) == 1
    assert pages["/metrics"].value("pgdispatch_database_up") == 0
    assert ask(address, "/metrics").value("pgdispatch_database_up") == 1


def test_a_frozen_database_keeps_no_request_waiting_and_does_not_starve_the_watchdog(
    own_server: EmbeddedServer,
    own_cluster: Cluster,
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It takes connections and answers nothing. The node goes on and so does what runs there."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(data_folder.parent / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    with listen_as_service_manager(str(data_folder.parent / "notify")) as manager:
        node = own_cluster.start(processes=1)
        address = address_of(own_cluster)
        processes = server_processes(own_server)

        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        page = ask(address, "/healthz")
        manager.hear("WATCHDOG")
        for pid in processes:
            os.kill(pid, signal.SIGCONT)

    assert page.status == 503
    wait_until(lambda: ask(address, "/healthz").status == 200)
    assert node.process.poll() is None


def server_processes(server: EmbeddedServer) -> list[int]:
    """Return the server's first process and those that it has started."""
    first = server.pid or 0
    return [first, *sorted(children_of(first))]
