"""What a handler says of its progress is told every 0.4 s, and the last of it is never lost."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from threading import Timer

import pytest

from pgdispatch.ipc import reporting
from pgdispatch.ipc.channel import Channel, Message
from pgdispatch.ipc.reporting import Reporter
from pgdispatch.testing import context
from support.nodes.processes import wait_until

JOB = context("system").job


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    """Give a backgrounder's channel, and one that reads what it sends."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours), Channel(theirs)


def told(supervisor: Channel) -> tuple[float, str | None]:
    """Wait for the next message and return the progress in it."""
    message: Message | None = supervisor.receive()
    assert message is not None
    return message["percent"], message["note"]


def test_what_is_said_too_early_is_told_later(ends: tuple[Channel, Channel]) -> None:
    """The newest of it, once: a handler may then work in silence for an hour."""
    ours, theirs = ends
    reporter = Reporter(JOB, ours)

    for percent in range(40):
        reporter.report(percent, f"line {percent}")

    assert told(theirs) == (0, "line 0")
    assert told(theirs) == (39, "line 39")


def test_the_last_goes_with_the_end(
    ends: tuple[Channel, Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is not told afterwards."""
    monkeypatch.setattr(reporting, "EVERY", 300)
    ours, theirs = ends
    reporter = Reporter(JOB, ours)
    reporter.report(10, None)
    reporter.report(75, "nearly\0")

    last = reporter.end()
    wait_until(lambda: not any(isinstance(each, Timer) for each in threading.enumerate()))
    later = Reporter(JOB, ours)
    later.report(1, "of the next job")

    assert last == (75, "nearly")
    assert [told(theirs), told(theirs)] == [(10, None), (1, "of the next job")]


def test_who_said_nothing_has_no_progress(ends: tuple[Channel, Channel]) -> None:
    """Its end is told without one."""
    assert Reporter(JOB, ends[0]).end() is None
