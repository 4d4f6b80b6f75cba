"""The service manager's address, and what is sent there."""

from __future__ import annotations

import os
import socket
import uuid
from pathlib import Path

import pytest

from pgdispatch.node.sd_notify import Notifier, take_notifier


def test_the_environment_of_children_names_no_service_manager() -> None:
    """Everything that belongs to it is taken out, and nothing else."""
    environment = {
        "NOTIFY_SOCKET": "/run/notify",
        "WATCHDOG_USEC": "60000000",
        "WATCHDOG_PID": str(os.getpid()),
        "HOME": "/root",
    }

    notifier = take_notifier(environment)

    assert environment == {"HOME": "/root"}
    assert notifier == Notifier("/run/notify", 60.0)


@pytest.mark.parametrize(
    "watchdog",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"}],
)
def test_a_watchdog_of_another_process_or_none_is_not_fed(watchdog: dict[str, str]) -> None:
    """The messages go to the socket all the same."""
    assert take_notifier({"NOTIFY_SOCKET": "@x", **watchdog}) == Notifier("@x", None)


@pytest.mark.parametrize("address", ["", "relative", "vsock:2:1234"])
def test_an_address_of_another_kind_is_left_alone(address: str) -> None:
    """Then nobody is told anything."""
    notifier = take_notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"})

    assert notifier == Notifier()
    notifier.send(READY=1)


@pytest.mark.parametrize("is_abstract", [True, False])
def test_one_message_has_a_line_for_each_value(is_abstract: bool, tmp_path: Path) -> None:
    """At a path, or at an abstract address."""
    address = f"@{uuid.uuid4()}" if is_abstract else str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address.replace("@", "\0", 1))

        Notifier(address).send(READY=1, STATUS="two jobs")

        assert manager.recv(4096) == b"READY=1\nSTATUS=two jobs"


def test_a_service_manager_that_is_gone_or_does_not_listen_is_no_error(tmp_path: Path) -> None:
    """A full socket would otherwise hold up the node."""
    Notifier(str(tmp_path / "gone")).send(READY=1)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "s"))

        for number in range(1000):
            Notifier(str(tmp_path / "s")).send(STATUS=number)
