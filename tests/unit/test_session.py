"""A libpq connection string, as asyncpg takes it."""

from __future__ import annotations

from typing import Any

import pytest

from pgdispatch.session import asyncpg_parameters


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
