"""Messages between a supervisor and its backgrounders: JSON objects, one a line, on a socket.

To a backgrounder: `begin` (who it is), `wake`, `stop` (a job, and why), `drain`.
From a backgrounder: `ready`, `idle`, `busy` (it got a job when woken), `progress`, `broken`.
What it runs is in its logbook.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

Message = dict[str, Any]


class Channel:
    """The backgrounder's end. Sending is safe from any thread; receiving is for one."""

    def __init__(self, end: socket.socket) -> None:
        """Take over a connected socket."""
        self._end = end
        self._lines = end.makefile("r", encoding="utf-8")
        self._sending = threading.Lock()

    def send(self, kind: str, **values: Any) -> None:
        """Send one message; a supervisor that is gone is not an error here."""
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


def encode(kind: str, **values: Any) -> bytes:
    """Return one message as it goes over the wire."""
    return (json.dumps({"is": kind, **values}) + "\n").encode()
