"""A node tells its service manager how it goes, on a real notify socket.

On the newest server only, to save time.
"""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.nodes.cluster import Cluster
from support.nodes.http import address_of
from support.nodes.processes import environment, wait_until
from support.nodes.service_manager import ServiceManager, listen_as_service_manager

pytestmark = pytest.mark.usefixtures("newest_only")


@pytest.fixture(params=["path", "abstract"])
def manager(
    request: pytest.FixtureRequest, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ServiceManager]:
    """Give a service manager that nodes started by the test find in their environment."""
    name = f"@pgdispatch-{uuid.uuid4().hex}"
    address = str(data_folder.parent / "notify") if request.param == "path" else name
    with listen_as_service_manager(address) as opened:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        yield opened


on_one_socket = pytest.mark.parametrize("manager", ["path"], indirect=True)


def test_a_node_is_ready_when_its_processes_are_and_says_when_it_stops(
    cluster: Cluster, manager: ServiceManager
) -> None:
    """With a short line about what it does in between."""
    node = cluster.start(processes=2)

    ready = manager.hear("READY")
    is_up = (cluster.count() > 0, bool(address_of(cluster)))
    job = cluster.job()
    while manager.hear("STATUS") != "1 jobs running, 2 of 2 backgrounders, 1 of 1 servers":
        continue
    node.send(signal.SIGTERM)
    stopping = manager.hear("STOPPING")
    cluster.release(job)

    assert (ready, stopping) == ("1", "1")
    assert is_up == (True, True)
    assert node.exit_status() == 0
    assert manager.said("READY") == ["1"]
    assert manager.said("WATCHDOG") == []


@on_one_socket
def test_a_node_that_drains_asks_for_more_time(
    cluster: Cluster, manager: ServiceManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the service manager does not kill it before its grace is over."""
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")  # it speaks more often then
    job = cluster.job()
    node = cluster.start(processes=1, grace=300)
    cluster.running(job)

    node.send(signal.SIGTERM)
    first, second = (int(manager.hear("EXTEND_TIMEOUT_USEC")) for _ in range(2))
    cluster.release(job)

    assert min(first, second) >= 20_000_000
    assert node.exit_status() == 0


@on_one_socket
def test_the_watchdog_is_fed_and_a_node_that_hangs_starves_it(
    cluster: Cluster, manager: ServiceManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At half of what it allows, from the start to the end of a drain."""
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")
    job = cluster.job()
    node = cluster.start(processes=1)
    cluster.running(job)

    manager.hear("WATCHDOG", within=2)
    manager.hear("WATCHDOG", within=2)
    node.send(signal.SIGSTOP)
    manager.hear_silence(about="WATCHDOG", seconds=2)
    node.send(signal.SIGCONT)
    manager.hear("WATCHDOG", within=2)
    node.send(signal.SIGTERM)
    manager.hear("STOPPING")
    manager.hear("WATCHDOG", within=2)
    cluster.release(job)

    assert node.exit_status() == 0


@on_one_socket
def test_no_process_of_a_node_can_speak_for_it(
    cluster: Cluster, manager: ServiceManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address of the service manager is in the environment of none of them."""
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    job = cluster.job("parent")
    node = cluster.start(processes=1)
    cluster.children(job)
    manager.hear("READY")

    others = node.family() - {node.process.pid}
    environments = [environment(pid) for pid in others]

    assert len(others) == 4
    assert all(environments)
    assert not [text for text in environments if b"NOTIFY_SOCKET" in text or b"WATCHDOG" in text]
    cluster.release(job)


@on_one_socket
def test_a_service_manager_that_is_gone_does_not_disturb_a_node(
    cluster: Cluster, manager: ServiceManager
) -> None:
    """Its messages are lost, its jobs are not."""
    node = cluster.start(processes=1)
    manager.hear("READY")

    Path(manager.address).unlink()
    manager.receiver.close()

    assert cluster.ended(cluster.job("nothing"))["outcome"] == "succeeded"
    node.send(signal.SIGTERM)
    wait_until(lambda: node.process.poll() is not None)
    assert node.exit_status() == 0
