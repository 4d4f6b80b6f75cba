"""Tell the service manager how it goes: sd_notify(3), which is a datagram to a socket it names."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass

logger = logging.getLogger("pgdispatch")


@dataclass(frozen=True)
class Notifier:
    """Where to send messages (None: nobody listens), and how often the watchdog wants one."""

    address: str | None = None
    watchdog_seconds: float | None = None

    def send(self, **values: str | int) -> None:
        """Send `NAME=value` lines in one message; that nobody takes it is no error."""
        if self.address is None:
            return
        place = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        message = "\n".join(f"{name}={value}" for name, value in values.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                sender.sendto(message.encode(), place)
        except OSError as error:
            logger.debug("cannot notify the service manager: %s", error)


def take_notifier(environment: MutableMapping[str, str] | None = None) -> Notifier:
    """Take the service manager's address out of the environment, so that no child inherits it.

    A watchdog that is meant for another process is none of ours.
    """
    given = os.environ if environment is None else environment
    address = given.pop("NOTIFY_SOCKET", None)
    watched = given.pop("WATCHDOG_PID", str(os.getpid()))
    limit = given.pop("WATCHDOG_USEC", "")
    if address is None or not address.startswith(("/", "@")):
        return Notifier()
    is_watched = limit.isdecimal() and int(limit) > 0 and watched == str(os.getpid())
    return Notifier(address, int(limit) / 1_000_000 if is_watched else None)
