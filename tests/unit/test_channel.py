"""Messages between a supervisor and its backgrounders."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from pgdispatch.channel import Channel, encode

Pair = tuple[Channel, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Give a backgrounder's channel and the supervisor's end of it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(theirs), ours


def test_messages_arrive_one_by_one_however_they_are_cut(pair: Pair) -> None:
    """Two and a half in one piece, then the rest."""
    channel, far = pair
    wire = encode("wake") + encode("stop", job=7, reason="cancelled") + encode("drain")
    far.sendall(wire[:-3])
    first, second = channel.receive(), channel.receive()

    far.sendall(wire[-3:])

    assert first == {"is": "wake"}
    assert second == {"is": "stop", "job": 7, "reason": "cancelled"}
    assert channel.receive() == {"is": "drain"}


def test_a_message_is_one_line_whatever_is_in_it(pair: Pair) -> None:
    """Line ends and what is no ASCII are escaped."""
    channel, far = pair

    channel.send("progress", note="first\nsecond \u2028 €")

    wire = far.recv(4096)
    assert wire.count(b"\n") == 1
    assert wire.isascii()
    far.sendall(wire)
    assert channel.receive() == {"is": "progress", "note": "first\nsecond \u2028 €"}


def test_receiving_ends_when_the_supervisor_is_gone(pair: Pair) -> None:
    """Half a message counts for nothing."""
    channel, far = pair
    far.sendall(encode("wake") + b'{"is": "dr')

    far.close()

    assert list(channel.messages()) == [{"is": "wake"}]


def test_sending_to_a_supervisor_that_is_gone_is_no_error(pair: Pair) -> None:
    """The job goes on; the process ends otherwise."""
    channel, far = pair

    far.close()

    channel.send("idle")
    channel.send("idle")
