"""Messages between a supervisor and its backgrounders."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from pgdispatch.ipc.channel import Channel, encode

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
    wire = encode("ping") + encode("stop", job=7, reason="cancelled") + encode("drain")
    far.sendall(wire[:-3])
    first, second = channel.receive(), channel.receive()

    far.sendall(wire[-3:])

    assert first == {"is": "ping"}
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


def test_a_value_comes_as_it_is_after_its_message(pair: Pair) -> None:
    """Line ends and what is no text included; then the next message."""
    channel, far = pair
    value = b'{"a": 1}\n\xff'
    far.sendall(encode("run", value=value, job=7) + encode("ping"))

    message = channel.receive()

    assert message == {"is": "run", "job": 7, "bytes": len(value)}
    assert channel.value(message) == value
    assert channel.receive() == {"is": "ping"}


def test_a_value_that_is_cut_short_is_none(pair: Pair) -> None:
    """The supervisor is gone: nobody would hear how the job ended."""
    channel, far = pair
    far.sendall(encode("run", value=b"12345")[:-1])
    far.close()

    message = channel.receive()

    assert message is not None
    with pytest.raises(ConnectionError):
        channel.value(message)


def test_receiving_ends_when_the_supervisor_is_gone(pair: Pair) -> None:
    """Half a message counts for nothing."""
    channel, far = pair
    far.sendall(encode("ping") + b'{"is": "dr')

    far.close()

    assert list(channel.messages()) == [{"is": "ping"}]


def test_sending_to_a_supervisor_that_is_gone_is_no_error(pair: Pair) -> None:
    """The job goes on; the process ends otherwise."""
    channel, far = pair

    far.close()

    assert not channel.send("pong")


def test_a_fork_sends_nothing(pair: Pair) -> None:
    """It has the socket, but not the right."""
    channel, far = pair
    pid = os.fork()
    if pid == 0:
        channel.send("ended")
        os._exit(0)
    os.waitpid(pid, 0)

    channel.send("pong")

    assert far.recv(4096) == encode("pong")


def test_what_has_taken_the_place_of_the_socket_gets_nothing(pair: Pair) -> None:
    """Nor does one that is closed do any harm."""
    channel, far = pair
    socket_itself = os.dup(channel._number)
    reader, writer = os.pipe()
    intact = [channel.is_intact()]
    os.dup2(writer, channel._number)
    channel.send("ended")
    intact.append(channel.is_intact())
    os.close(channel._number)
    channel.send("ended")
    intact.append(channel.is_intact())
    os.dup2(socket_itself, channel._number)

    channel.send("pong")

    os.close(writer)
    os.close(socket_itself)
    assert intact == [True, False, False]
    assert os.read(reader, 4096) == b""
    os.close(reader)
    assert far.recv(4096) == encode("pong")


def test_the_channel_is_not_for_programs_that_are_started(pair: Pair) -> None:
    """Not even for one that takes the place of the process."""
    channel, _ = pair

    assert not os.get_inheritable(channel._number)


def test_closing_ends_the_talk_for_both_whoever_else_has_the_socket(pair: Pair) -> None:
    """As a child that was forked does."""
    channel, far = pair
    with socket.socket(fileno=os.dup(channel._number)):
        channel.close()

        assert far.recv(4096) == b""
    assert list(channel.messages()) == []
