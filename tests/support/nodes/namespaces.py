"""Network namespaces: machines of their own, as far as the network goes. Needs root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

NETWORK = "10.213"  # two addresses a namespace, known to nobody outside of it


@dataclass(frozen=True)
class Namespace:
    """One namespace, joined to this machine by a link of which `gateway` is our end."""

    name: str
    link: str
    gateway: str

    @property
    def command(self) -> tuple[str, ...]:
        """What runs the command that follows it inside."""
        return ("ip", "netns", "exec", self.name)

    def cut(self) -> None:
        """Take the link down: packets vanish, and nobody is told."""
        ip("link", "set", self.link, "down")

    def heal(self) -> None:
        """Bring the link up again."""
        ip("link", "set", self.link, "up")


@contextmanager
def open_namespace(number: int) -> Iterator[Namespace]:
    """Make a namespace; `number` (0 to 63) tells those of one process apart."""
    pid = os.getpid()
    name, link = f"pgdispatch-{pid}-{number}", f"pgd{pid % 10**7}.{number}"
    third, fourth = pid % 250, 4 * number
    space = Namespace(name, link, f"{NETWORK}.{third}.{fourth + 1}")
    ip("netns", "add", name)
    try:
        ip("link", "add", link, "type", "veth", "peer", "name", "inside", "netns", name)
        ip("address", "add", f"{space.gateway}/30", "dev", link)
        ip("link", "set", link, "up")
        inside = ("-n", name)
        ip(*inside, "address", "add", f"{NETWORK}.{third}.{fourth + 2}/30", "dev", "inside")
        ip(*inside, "link", "set", "inside", "up")
        ip(*inside, "link", "set", "lo", "up")
        yield space
    finally:
        ip("netns", "delete", name)  # the link goes with it


def may_make_namespaces() -> bool:
    """Tell whether this account may make network namespaces."""
    try:
        with open_namespace(63):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def ip(*words: str) -> None:
    """Run `ip`."""
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)  # noqa: S607  # where it is differs
