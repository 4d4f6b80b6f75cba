"""How a supervisor connects: where, and how long it waits."""

from __future__ import annotations

import asyncio
import time

import pytest

from pgdispatch.database import session
from pgdispatch.database.session import AwayError, Session

# to a client: it is welcome, the server's version, ready
WELCOME = (
    b"R\0\0\0\x08\0\0\0\0"
    b"S\0\0\0\x18server_version\x0018.0\0"
    b"Z\0\0\0\x05I"
)  # fmt: skip


def test_a_pooler_that_lets_in_and_then_says_nothing_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As soon as a statement would be: a session that wants to listen does not hang."""
    monkeypatch.setattr(session, "STATEMENT_TIMEOUT", 0.2)

    async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(WELCOME)
        while await reader.read(4096):
            pass
        writer.close()

    async def ask() -> float:
        async with await asyncio.start_server(welcome, "127.0.0.1", 0) as pooler:
            port = pooler.sockets[0].getsockname()[1]
            dsn = f"host=127.0.0.1 port={port} user=u dbname=d sslmode=disable"
            began = time.monotonic()
            with pytest.raises(AwayError, match="TimeoutError"):
                await asyncio.wait_for(
                    Session(dsn, name="n", on_notify=print).call("select 1"), timeout=5
                )
            return time.monotonic() - began

    assert asyncio.run(ask()) < 2
