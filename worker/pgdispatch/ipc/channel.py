"""Messages between a supervisor and its backgrounders: JSON objects, one a line, on a socket.

To a backgrounder: `begin` (who it is), `wake`, `stop` (a job, and why), `drain`, `ping`. To an
application server: `begin`, `tally`, `turn` (nothing but that the supervisor goes on), `drain`.
From a backgrounder: `ready`, `idle`, `busy` (it got a job when woken), `progress`, `broken`,
`pong`, `asked to end` (somebody sent it a signal). What it runs is in its logbook.
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


class Channel:
    """The backgrounder's end. Sending is safe from any thread; receiving is for one.

    It is of the process that made it, and of no fork of that.
    """

    def __init__(self, end: socket.socket) -> None:
        """Take over a connected socket."""
        self._end = end
        self._owner = os.getpid()
        self._number = end.fileno()
        self._identity = _identity(self._number)
        os.set_inheritable(self._number, False)  # for no program either
        self._lines = end.makefile("r", encoding="utf-8")
        self._sending = threading.Lock()

    def send(self, kind: str, **values: Any) -> None:
        """Send one message; a supervisor that is gone is not an error here.

        Nothing is sent from a fork, nor to what has taken the place of the socket.
        """
        if os.getpid() != self._owner or not self.is_intact():
            return
        try:
            with self._sending:
                self._end.sendall(encode(kind, **values))
        except OSError:
            return

    def receive(self) -> Message | None:
        """Wait for the next message; None when the supervisor is gone."""
        line = self._lines.readline()
        return json.loads(line) if line.endswith("\n") else None

    def messages(self) -> Iterator[Message]:
        """Yield messages until the supervisor is gone."""
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


def encode(kind: str, **values: Any) -> bytes:
    """Return one message as it goes over the wire."""
    return (json.dumps({"is": kind, **values}) + "\n").encode()


def _identity(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino
