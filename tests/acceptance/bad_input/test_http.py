"""Requests that no client should send, to every page of an application server: answered, no more.

HYPOTHESIS_PROFILE=long looks for longer. On the newest server only, to save time.
"""

from __future__ import annotations

import socket
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Route

from pgdispatch.web.pages import Pages
from pgdispatch.web.probe import Probe
from support.bad_input.effort import effort
from support.bad_input.fingerprint import fingerprint, set_canary
from support.bad_input.raw import encoded
from support.bad_input.values import HUGE, PATHS, bad, whatever
from support.nodes.cluster import Cluster
from support.nodes.http import address_of, ask

pytestmark = [pytest.mark.usefixtures("newest_only"), pytest.mark.timeout(3600)]
MOVING = ("heartbeat_at", "is_idle", "clock_ahead_for", "since", "observed_at")  # of a live node
GOOD, REFUSED = {200, 503}, {400, 404, 405, 413, 414, 431, 501, 505}
PAGES = [
    route.path
    for route in Pages("n", Probe("", name="n"), Probe("", name="n"), {}).application().routes
    if isinstance(route, Route)
]
METHODS = [*("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT")]
HEADERS = [
    *("Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 5"),
    *("Transfer-Encoding: chunked", "Transfer-Encoding: x", "Expect: 100-continue", "Range: x"),
    *("Connection: Upgrade\r\nUpgrade: websocket", "Upgrade: h2c", "Host: \r\nHost: x", "X: \x00"),
    *("no colon", ": no name", "X" * 70_000 + ": y", "X: " + "y" * 70_000, "X: y\r\n" * 500),
    *("Accept: ../../etc/passwd", "Authorization: Basic '; drop table public.canary; --"),
]
ENDINGS = ["", "/", "?", "?x='", "/..", "//", "#", ";", "%00", "%", "%ff", "%0d%0aX:"]
endings = st.sampled_from(ENDINGS)
odd = bad("text").map(lambda text: text or "")
paths = (
    st.sampled_from([*PAGES, *PATHS, "*", "", HUGE])
    | odd
    | odd.map(lambda text: quote(text, errors="replace"))
)
targets = st.builds("{}{}{}".format, paths, endings, st.just("") | odd)
headers = st.sampled_from(HEADERS) | st.builds("{}: {}".format, odd, odd)
whole = st.builds(
    lambda method, target, version, lines, body: encoded(
        "\r\n".join([f"{method} {target} {version}", "Host: n", *lines, "", body])
    ),
    st.sampled_from(METHODS) | odd,
    st.sampled_from(PAGES) | targets,
    st.sampled_from(["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/9.9", "", "x"]),
    st.lists(headers, max_size=2),
    st.just("") | whatever,
)


def send(address: str, request: bytes) -> bytes:
    """Send bytes on a connection of their own, say that this is all, and return the answer."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        answer = b""
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while more := connection.recv(65536):
                answer += more
        except TimeoutError:
            raise
        except OSError:
            pass  # it has heard enough
        return answer


def statuses(answer: bytes) -> set[int]:
    """Return the status of each answer: one, or several where a request is taken for several."""
    lines = answer.split(b"\r\n")
    return {int(line.split()[1]) for line in lines if line.startswith(b"HTTP/1.1 ")}


def test_a_bad_request_is_answered_and_changes_nothing(cluster: Cluster) -> None:
    """Whatever its method, path, headers and body; the next request is served as before."""
    node = cluster.start(processes=1)
    address = address_of(cluster)
    cluster.up("n:1")
    set_canary(cluster.verbs.connection)
    before = fingerprint(cluster.verbs.connection, moving=MOVING)

    @effort(40)
    @given(request=whole | st.binary(max_size=300))
    def try_request(request: bytes) -> None:
        answer = send(address, request)

        assert statuses(answer) <= GOOD | REFUSED
        assert b"Traceback" not in answer
        assert b"\r\nX-Owned" not in answer
        assert b"root:" not in answer
        assert ask(address, "/healthz").status == 200

    ends = [ask(address, page + ending).status for page in PAGES for ending in ENDINGS]
    try_request()
    assert set(ends) <= {200, 400, 404}
    assert fingerprint(cluster.verbs.connection, moving=MOVING) == before
    assert "Traceback" not in node.log
    assert "was killed" not in node.log
    assert all(ask(address, page).status == 200 for page in PAGES)
