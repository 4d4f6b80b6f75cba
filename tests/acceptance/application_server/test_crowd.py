"""Whoever opens connections and says nothing changes nothing for those who ask.

On the newest server only, to save time.
"""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from support.nodes.cluster import Cluster
from support.nodes.http import address_of, ask
from support.nodes.processes import wait_until

pytestmark = pytest.mark.usefixtures("newest_only")
MANY = 1000
BEGUN = b"GET /healthz HTTP/1.1\r\nHost: n\r\nX-Long: "


@pytest.fixture(autouse=True)
def descriptors() -> Iterator[None]:
    """Let this process open as many connections as the test needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def crowd(address: str, number: int, words: bytes) -> Iterator[list[socket.socket]]:
    """Open connections that say so much and no more."""
    host, _, port = address.rpartition(":")
    with ExitStack() as stack:
        found = []
        for _ in range(number):
            found.append(stack.enter_context(socket.create_connection((host, int(port)), 10)))
            found[-1].sendall(words)
        yield found


def is_closed(connection: socket.socket) -> bool:
    """Tell whether the other side has ended a connection, after what it may have said."""
    connection.setblocking(False)
    try:
        while connection.recv(4096):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


@pytest.mark.parametrize(
    ("words", "inside"),
    [(b"", ()), (BEGUN, ("prlimit", "--nofile=96:96"))],
    ids=["usual-silent", "few-half a head"],
)
def test_a_thousand_half_open_connections_change_nothing(
    cluster: Cluster, words: bytes, inside: tuple[str, ...]
) -> None:
    """Also where the process may open few files; and the log says nothing of them."""
    node = cluster.start(processes=1, inside=inside)
    address = address_of(cluster)
    cluster.up("n:1")
    wait_until(lambda: " serves " in node.log)
    before = node.log

    with crowd(address, MANY, words) as opened:
        pages = [ask(address, path, within=10) for path in ("/healthz", "/livez", "/metrics") * 5]
        wait_until(lambda: all(map(is_closed, opened)), within=40)
        last = ask(address, "/healthz")

    assert {page.status for page in [*pages, last]} == {200}
    assert node.log == before


def test_a_head_that_does_not_end_is_ended(cluster: Cluster) -> None:
    """With the answer that says so; garbage is refused without a word in the log."""
    node = cluster.start(processes=1)
    address = address_of(cluster)
    cluster.up("n:1")
    wait_until(lambda: " serves " in node.log)
    before = node.log

    with crowd(address, 1, BEGUN) as (begun,), crowd(address, 1, b"\0\r\n\r\n") as (garbage,):
        said, refused = begun.recv(4096), garbage.recv(4096)

    assert said.startswith(b"HTTP/1.1 408 ")
    assert refused.startswith(b"HTTP/1.1 400 ")
    assert node.log == before
