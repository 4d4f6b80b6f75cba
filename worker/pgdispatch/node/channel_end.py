"""The supervisor's end of a channel: it never waits, and believes nothing (see `ipc.channel`).

What comes is called out at once, from the event loop. Whoever talks nonsense is hung up on.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from pgdispatch.ipc.channel import LONGEST_LINE, Message, encode

LARGE = 1 << 20  # bytes: a value above that needs room
MOST_KEPT = 64 << 20
AT_ONCE = 1 << 16
LONGEST_VALUE = 256 << 20

Hear = Callable[[Message, bytes | None], None]


class NonsenseError(Exception):
    """Raised for what is no message: something else has written there."""


@dataclass
class Room:
    """How many bytes of large values one node keeps, from the first of them that it has read.

    A value is read while less than `MOST_KEPT` are kept, so one may reach beyond that; `waiting`
    are those whose turn comes when others have gone. `read` is where all of them read into, one at
    a time: to get memory anew for each message would take longer than the reading.
    """

    kept: int = 0
    waiting: deque[ChannelEnd] = field(default_factory=deque)
    read: bytearray = field(default_factory=lambda: bytearray(AT_ONCE))

    def free(self, size: int) -> None:
        """Note that so many bytes are no longer kept."""
        self.kept -= size
        while self.waiting and self.kept < MOST_KEPT:
            self.waiting.popleft().resume()


class ChannelEnd(asyncio.BufferedProtocol):
    """One end. `hear` is called with each message and its value; `over` is done when it is closed.

    `held`: the bytes of room that it takes up, until `release`. `is_cut`: it had to be hung up on.
    """

    def __init__(self, hear: Hear, room: Room) -> None:
        """Wait to be connected (see `open_end`)."""
        self._hear = hear
        self._room = room
        self._read = bytearray()
        self._message: Message | None = None  # one whose value is still to come
        self._missing = 0
        self._transport: asyncio.Transport | None = None
        self._has_ended = False
        self.held = 0
        self.is_cut = False
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport: asyncio calls this."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        """Note the end: asyncio calls this."""
        self._transport = None
        with suppress(ValueError):
            self._room.waiting.remove(self)
        if self._message is not None:
            self.release()
        if not self.over.done():
            self.over.set_result(None)

    def get_buffer(self, _: int) -> bytearray:
        """Return where to read into: asyncio calls this."""
        return self._room.read

    def buffer_updated(self, size: int) -> None:
        """Call out what is complete: asyncio calls this."""
        with memoryview(self._room.read) as read:
            self._read += read[:size]
        try:
            self._call_out()
        except NonsenseError:
            self.cut()

    def send(self, kind: str, *, value: bytes | None = None, **facts: object) -> None:
        """Send one message to the process; one that is gone is not an error here."""
        transport = self._open_transport()
        if transport is not None:
            transport.write(encode(kind, value=value, **facts))

    def end_sending(self) -> None:
        """Let the process know that no more comes; what is sent afterwards does not."""
        transport = self._open_transport()
        if transport is not None:
            self._has_ended = True
            transport.write_eof()

    def resume(self) -> None:
        """Go on with a value for which there was no room."""
        if self._transport is not None and self._message is not None and not self.held:
            self.held = self._missing
            self._room.kept += self.held
            self._transport.resume_reading()

    def release(self) -> None:
        """Give back the room that the last large value took."""
        size, self.held = self.held, 0
        if size:
            self._room.free(size)

    def cut(self) -> None:
        """Hang up at once."""
        self.is_cut = True
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Hang up after what was sent."""
        if self._transport is not None:
            self._transport.close()

    def _open_transport(self) -> asyncio.Transport | None:
        """Return what may still be written to, or None."""
        is_shut = self._transport is None or self._has_ended or self._transport.is_closing()
        return None if is_shut else self._transport

    def _call_out(self) -> None:
        while True:
            if self._message is None:
                if not self._take_line():
                    return
            elif len(self._read) < self._missing:
                return
            else:
                self._take_value(self._message)

    def _take_line(self) -> bool:
        """Take one line, and call it out unless a value follows it; False: there is none yet."""
        end = self._read.find(b"\n") + 1
        if not end:
            if len(self._read) > LONGEST_LINE:
                raise NonsenseError("a line without end")
            return False
        message = _message(self._read[:end])
        del self._read[:end]
        size = message.get("bytes")
        if size is None:
            self._hear(message, None)
        else:
            self._expect(message, size)
        return True

    def _take_value(self, message: Message) -> None:
        value = bytes(memoryview(self._read)[: self._missing])
        del self._read[: self._missing]
        self._message = None
        self._hear(message, value)

    def _expect(self, message: Message, size: object) -> None:
        if not isinstance(size, int) or not 0 <= size <= LONGEST_VALUE:
            raise NonsenseError("a value of no size")
        self._message, self._missing = message, size
        if size > LARGE and self._transport is not None:
            self._transport.pause_reading()
            self._room.waiting.append(self)
            self._room.free(0)


def _message(line: bytearray) -> Message:
    try:
        message = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise NonsenseError from error
    if not isinstance(message, dict) or not isinstance(message.get("is"), str):
        raise NonsenseError
    return message


async def open_end(ours: socket.socket, hear: Hear, room: Room) -> ChannelEnd:
    """Return an end that talks over a connected socket, which it takes over."""
    loop = asyncio.get_running_loop()
    taken = socket.socket(fileno=ours.detach())
    _, end = await loop.create_connection(lambda: ChannelEnd(hear, room), sock=taken)
    return end
