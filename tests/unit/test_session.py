"""How a supervisor connects: where, and how long it waits."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from pgdispatch import session
from pgdispatch.session import AwayError, Session, asyncpg_parameters

# to a client: it is welcome, the server's version, ready
WELCOME = (
    b"R\0\0\0\x08\0\0\0\0"
    b"S\0\0\0\x18server_version\x0018.0\0"
    b"Z\0\0\0\x05I"
)  # fmt: skip


@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        ("", {}),
        (
            "host=/run/socket port=5433 dbname=jobs user=worker",
            {"host": "/run/socket", "port": 5433, "database": "jobs", "user": "worker"},
        ),
        (
            "postgresql://u:p%20w@one:5433,two:5434/jobs?target_session_attrs=read-write",
            {
                "host": ["one", "two"],
                "port": [5433, 5434],
                "database": "jobs",
                "user": "u",
                "password": "p w",
                "target_session_attrs": "read-write",
            },
        ),
        ("host=one,two port=5433", {"host": ["one", "two"], "port": 5433}),
        ("host=one,two port=,5433", {"host": ["one", "two"], "port": [5432, 5433]}),
        ("host=::1 passfile=/a", {"host": "::1", "passfile": "/a"}),
        ("hostaddr=127.0.0.1", {"host": "127.0.0.1"}),
        ("host=one hostaddr=127.0.0.1", {"host": "one"}),
        ("service=jobs", {"dsn": "postgresql://?service=jobs"}),
        (
            "sslmode=verify-full sslrootcert='/a b/c&d.crt' password=x",
            {
                "dsn": "postgresql://?sslmode=verify-full&sslrootcert=%2Fa+b%2Fc%26d.crt",
                "password": "x",
            },
        ),
        ("dbname=jobs connect_timeout=3 application_name=x keepalives=1", {"database": "jobs"}),
    ],
)
def test_each_part_of_a_connection_string_gets_its_place(
    dsn: str, expected: dict[str, Any]
) -> None:
    """What only libpq knows is left out."""
    assert asyncpg_parameters(dsn) == expected


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
