"""What the guard lets through from where: without a server, as other machines cannot be had."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse

from pgdispatch.web.console.guard import Guard
from pgdispatch.web.console.options import ConsoleOptions

PROXY = "10.0.0.5"


@pytest.mark.parametrize(
    ("peer", "scheme", "is_insecure", "status"),
    [
        ("127.0.0.1", "http", False, 200),
        ("::1", "http", False, 200),
        ("10.0.0.9", "http", False, 403),
        ("10.0.0.9", "https", False, 200),
        ("10.0.0.9", "http", True, 200),
        (PROXY, "http", False, 403),
    ],
)
def test_other_machines_are_served_by_https_only(
    peer: str, scheme: str, is_insecure: bool, status: int
) -> None:
    """Each request for itself, unless it was said that it need not be."""
    answer = asked(peer, f"{scheme}://jobs.example/", {}, is_insecure=is_insecure)

    assert answer.status_code == status
    assert (status == 200) is ("by https only" not in answer.text)


def test_a_proxy_is_believed_that_it_was_asked_by_https() -> None:
    """A stranger who says the same is not."""
    said = {"X-Forwarded-Proto": "https"}

    assert asked(PROXY, "http://jobs.example/", said).status_code == 200
    assert asked("10.0.0.9", "http://jobs.example/", said).status_code == 403


def asked(
    peer: str, address: str, headers: dict[str, str], *, is_insecure: bool = False
) -> httpx.Response:
    """Return the answer to a request from a machine."""
    options = ConsoleOptions(
        "", hosts=("jobs.example",), trust_from=(PROXY,), is_insecure=is_insecure
    )
    guard = Guard(PlainTextResponse("in"), options)

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(guard, client=(peer, 5000))
        async with httpx.AsyncClient(transport=transport) as browser:
            return await browser.get(address, headers=headers)

    return asyncio.run(get())
