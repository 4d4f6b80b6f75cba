"""The supervisor's end of a channel: what it calls out, whom it hangs up on, what it keeps."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import pytest

from pgdispatch.ipc.channel import LONGEST_LINE, Message, encode
from pgdispatch.node import channel_end
from pgdispatch.node.channel_end import LARGE, ChannelEnd, Room, open_end

Heard = list[tuple[Message, bytes | None]]
Play = Callable[[ChannelEnd, socket.socket, Heard], Awaitable[None]]


def talk(play: Play, room: Room | None = None) -> Heard:
    """Return what an end calls out while `play` has the other one."""
    heard: Heard = []

    async def go() -> None:
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        with theirs:
            end = await open_end(ours, lambda *told: heard.append(told), room or Room())
            await play(end, theirs, heard)
            end.close()
            await end.over

    asyncio.run(asyncio.wait_for(go(), 20))
    return heard


async def say(far: socket.socket, data: bytes) -> None:
    """Send all of it."""
    with suppress(ConnectionError):  # the other has hung up
        await asyncio.get_running_loop().sock_sendall(far, data)


def test_messages_and_values_come_out_however_they_are_cut() -> None:
    """Byte by byte, and all at once."""
    value = b'\n{"is": "no message"}\n'
    wire = encode("pong") + encode("ended", value=value, job=7) + encode("pong")
    expected = [
        ({"is": "pong"}, None),
        ({"is": "ended", "job": 7, "bytes": len(value)}, value),
        ({"is": "pong"}, None),
    ]

    async def at_once(_: ChannelEnd, far: socket.socket, heard: Heard) -> None:
        await say(far, wire)
        while len(heard) < len(expected):
            await asyncio.sleep(0)

    async def byte_by_byte(_: ChannelEnd, far: socket.socket, heard: Heard) -> None:
        for place in range(len(wire)):
            await say(far, wire[place : place + 1])
            await asyncio.sleep(0)
        while len(heard) < len(expected):
            await asyncio.sleep(0)

    assert talk(at_once) == expected
    assert talk(byte_by_byte) == expected


@pytest.mark.parametrize(
    "nonsense",
    [
        b"Segmentation fault\n",
        b"\xff\xfe\n",
        b"[1]\n",
        b'{"job": 1}\n',
        b'{"is": 1}\n',
        b"[" * 200_000 + b"\n",
        b'{"is": "ended", "bytes": -1}\n',
        b'{"is": "ended", "bytes": "7"}\n',
        b'{"is": "ended", "bytes": 1e9}\n',
        b'{"is": "ended", "bytes": 9999999999}\n',
        b"x" * (LONGEST_LINE + 100_000),
    ],
)
def test_who_talks_nonsense_is_hung_up_on(nonsense: bytes) -> None:
    """What came before counts, what comes after does not."""

    async def play(end: ChannelEnd, far: socket.socket, _: Heard) -> None:
        await say(far, encode("pong") + nonsense + encode("pong"))
        await end.over
        assert end.is_cut

    assert talk(play) == [({"is": "pong"}, None)]


def test_large_values_wait_until_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """One beyond the bound is let in; the rest stays in its process."""
    monkeypatch.setattr(channel_end, "MOST_KEPT", LARGE)
    room, value = Room(), b"x" * (LARGE + 1)

    async def go() -> list[tuple[int, int]]:
        seen: list[tuple[int, int]] = []
        come: list[ChannelEnd] = []
        pairs = [socket.socketpair() for _ in range(3)]
        for place, (ours, theirs) in enumerate(pairs):
            theirs.setblocking(False)
            hear = partial(lambda number, *_: come.append(ends[number]), place)
            ends.append(await open_end(ours, hear, room))
        talkers = [asyncio.create_task(say(far, encode("ended", value=value))) for _, far in pairs]
        for number in range(1, 4):
            while len(come) < number:
                await asyncio.sleep(0)
            for _ in range(100):  # enough for another to come, if it were let in
                await asyncio.sleep(0)
            seen.append((len(come), room.kept))
            come[-1].release()
        await asyncio.wait(talkers)
        for end, (_, theirs) in zip(ends, pairs, strict=True):
            end.close()
            theirs.close()
        return seen

    ends: list[ChannelEnd] = []
    found = asyncio.run(asyncio.wait_for(go(), 20))

    assert found == [(number, LARGE + 1) for number in (1, 2, 3)]
    assert room.kept == 0


def test_room_is_given_back_for_a_value_that_does_not_come_whole() -> None:
    """Its process has died in the middle of it."""
    room = Room()

    async def play(end: ChannelEnd, far: socket.socket, _: Heard) -> None:
        await say(far, encode("ended", value=b"x" * (2 * LARGE))[:1000])
        while not room.kept:
            await asyncio.sleep(0)
        far.close()
        await end.over

    assert talk(play, room) == []
    assert (room.kept, list(room.waiting)) == (0, [])


def test_nothing_goes_after_the_end_of_what_is_sent() -> None:
    """An idle process is asked whether it hears for as long as it is there."""

    async def play(end: ChannelEnd, far: socket.socket, _: Heard) -> None:
        end.send("run", job=1)
        end.end_sending()
        end.end_sending()
        end.send("ping")
        loop = asyncio.get_running_loop()
        assert await loop.sock_recv(far, 1000) == encode("run", job=1)
        assert await loop.sock_recv(far, 1000) == b""

    assert talk(play) == []
