"""Messages between a supervisor and its processes, on sockets: JSON objects, one a line.

A message may bring a value: its line then says as `bytes` how many follow it, and what they are is
for whoever asked for them.

A backgrounder has two channels. On the one for jobs it gets `run` (an attempt, its arguments being
the value) and `ping`, one at a time, and answers each with `ended` (how; the value is the result,
or the seconds until it is to be tried again) or `pong`; the end of what comes there says: no more
jobs. On the other, which a thread of its own reads, it gets `begin` (who it is), `drain` (it is to
end after its job), `stop` (an attempt, and why) and `log` (an attempt, and how much to tell), and
says `ready`, `broken`, `progress`, `log` (some lines, the value), `logged` (that was all for now)
and `asked to end` (somebody sent it a signal).
To an application server: `begin`, `tally`, `turn` (nothing but that the supervisor goes on),
`drain`; from it: `ready`.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

Message = dict[str, Any]
LONGEST_LINE = 1 << 20


class Channel:
    """The process's end. Sending is safe from any thread; receiving is for one.

    It is of the process that made it, and of no fork of that.
    """

    def __init__(self, end: socket.socket) -> None:
        """Take over a connected socket."""
        self._end = end
        self._owner = os.getpid()
        self._number = end.fileno()
        self._identity = _identity(self._number)
        os.set_inheritable(self._number, False)  # for no program either
        self._reader = end.makefile("rb")
        self._sending = threading.Lock()

    def send(self, kind: str, *, value: bytes | None = None, **facts: Any) -> bool:
        """Send one message; return whether it went. One that did not is not an error here.

        Nothing is sent from a fork, nor to what has taken the place of the socket.
        """
        if os.getpid() != self._owner or not self.is_intact():
            return False
        try:
            with self._sending:
                self._end.sendall(encode(kind, value=value, **facts))
        except OSError:
            return False
        return True

    def receive(self) -> Message | None:
        """Wait for the next message; None when the supervisor sends no more."""
        line = self._reader.readline()
        return json.loads(line.decode()) if line.endswith(b"\n") else None

    def value(self, message: Message) -> bytes:
        """Wait for the value of the message that was received last.

        Raises `ConnectionError` if the supervisor is gone before it has come.
        """
        value = self._reader.read(message["bytes"])
        if len(value) < message["bytes"]:
            raise ConnectionError("the supervisor is gone")
        return value

    def messages(self) -> Iterator[Message]:
        """Yield messages until the supervisor sends no more."""
        while (message := self.receive()) is not None:
            yield message

    def is_intact(self) -> bool:
        """Tell whether the descriptor is what it was: any code here may close or replace it."""
        try:
            return _identity(self._number) == self._identity
        except OSError:
            return False

    def close(self) -> None:
        """End the talk, whoever else holds the socket; the supervisor soon ends the process."""
        with suppress(OSError):
            self._end.shutdown(socket.SHUT_RDWR)


def encode(kind: str, *, value: bytes | None = None, **facts: Any) -> bytes:
    """Return one message as it goes over the wire."""
    if value is None:
        return (json.dumps({"is": kind, **facts}) + "\n").encode()
    line = json.dumps({"is": kind, **facts, "bytes": len(value)}) + "\n"
    return line.encode() + value


def _identity(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino
