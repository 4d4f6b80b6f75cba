"""Connections of an application server: bounded in number and in time, whoever opens them.

One that says nothing, or too slowly, is closed at its deadline. When there are too many, the oldest
that wait for nothing go first, so that whoever comes with a question is answered.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

logger = logging.getLogger("pgdispatch")

HEAD_PATIENCE = 5.0  # seconds for a request's head, from the first byte that could have come
ANSWER_PATIENCE = 30.0  # seconds until the answer has been taken
OWN_DESCRIPTORS = 32  # of the process: its channel, the database, what Python opens
MOST = 256
BACKLOG = 128
EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
ages = count()


@dataclass(frozen=True)
class Bounds:
    """How many connections may be open, and how many are accepted before any is looked at."""

    most: int
    backlog: int


def bounds() -> Bounds:
    """Return what the number of descriptors that this process may have leaves room for.

    As many as are accepted at once may be open beyond `most`, and as many again be closing.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    part = MOST if soft == resource.RLIM_INFINITY else max(1, (soft - OWN_DESCRIPTORS) // 4)
    return Bounds(most=min(MOST, 2 * part), backlog=min(BACKLOG, part))


class Connection(H11Protocol):
    """One connection, with a deadline for what is to come next."""

    most = MOST

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Make room for it if there is none, and give it its time."""
        self.age = next(ages)
        self.deadline: asyncio.TimerHandle | None = None
        super().connection_made(transport)
        self._allow(HEAD_PATIENCE)
        if len(self.connections) > self.most:
            min(cast("set[Connection]", self.connections), key=Connection.worth).drop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._allow(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that is complete gets the time for its answer."""
        was_answering = self.is_answering()
        super().data_received(data)
        if self.is_answering() and not was_answering:
            self._allow(ANSWER_PATIENCE)

    def on_response_complete(self) -> None:
        """Give the next head its time."""
        super().on_response_complete()
        self._allow(ANSWER_PATIENCE if self.is_answering() else HEAD_PATIENCE)

    def is_answering(self) -> bool:
        """Tell whether there is a request that waits for its answer."""
        return self.cycle is not None and not self.cycle.response_complete

    def worth(self) -> tuple[bool, int]:
        """Return by what the connection to drop is chosen: the least goes."""
        return self.is_answering(), self.age

    def drop(self) -> None:
        """Close it at once; it counts no more."""
        self.connections.discard(self)
        self.transport.abort()

    def _allow(self, seconds: float | None) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
        self.deadline = None if seconds is None else self.loop.call_later(seconds, self._end)

    def _end(self) -> None:
        has_begun = not self.is_answering() and bool(self.conn.trailing_data[0])
        if has_begun and not self.transport.is_closing():
            self.transport.write(TOO_LATE)
            self.transport.close()
        else:
            self.drop()


@dataclass
class Exhaustion:
    """What to do when the process may open nothing more: say so once, and drop who asks nothing."""

    connections: set[Any]
    is_told: bool = field(default=False)

    def meet(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle what the loop has no place for; to be given to `set_exception_handler`."""
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in EXHAUSTED:
            loop.default_exception_handler(context)
            return
        if not self.is_told:
            self.is_told = True
            logger.warning("connections are dropped: %s", error.strerror)
        for connection in [each for each in self.connections if not each.is_answering()]:
            connection.drop()
