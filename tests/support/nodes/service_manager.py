"""What a service manager is to a node: a datagram socket that takes its messages."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class ServiceManager:
    """The socket at `address`, and everything that came so far, a dictionary a message."""

    address: str
    receiver: socket.socket
    heard: list[dict[str, str]] = field(default_factory=list)

    def hear(self, name: str, within: float = 20.0) -> str:
        """Wait for the next message that says something about `name`, and return what."""
        deadline = time.monotonic() + within
        while True:
            self.receiver.settimeout(max(deadline - time.monotonic(), 0.001))
            message = self.receiver.recv(4096).decode()
            self.heard.append(dict(line.split("=", 1) for line in message.splitlines()))
            if name in self.heard[-1]:
                return self.heard[-1][name]

    def hear_silence(self, *, about: str, seconds: float) -> None:
        """Wait until nothing has been said about something for so long."""
        with suppress(TimeoutError):
            while True:
                self.hear(about, within=seconds)

    def said(self, name: str) -> list[str]:
        """Return what has been said about `name` in the messages heard so far."""
        return [message[name] for message in self.heard if name in message]


@contextmanager
def listen_as_service_manager(address: str) -> Iterator[ServiceManager]:
    """Listen at a path, or at an abstract address that begins with `@`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind("\0" + address[1:] if address.startswith("@") else address)
        yield ServiceManager(address, receiver)
