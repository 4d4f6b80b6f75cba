"""How a connection string becomes what asyncpg is told; what it means is libpq's to say."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any

import pytest

from pgdispatch.database import conninfo
from pgdispatch.database.asyncpg_attempts import attempts
from pgdispatch.errors import ConnectionStringError

PLACE = ("host", "port", "user", "password", "database", "target_session_attrs")


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Give the environment, without libpq's variables, and a home with nothing in it."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        ("host=/run/s port=5433 dbname=j user=w", [("/run/s", 5433, "w", "", "j", "any")]),
        (
            "postgresql://u:p%20w@one:5433,two:5434/j?target_session_attrs=prefer-standby",
            [
                (host, port, "u", "p w", "j", attributes)
                for attributes in ("standby", "any")
                for host, port in (("one", 5433), ("two", 5434))
            ],
        ),
        ("host=one,two port=5433 user=u", [(h, 5433, "u", "", "u", "any") for h in ("one", "two")]),
        ("host=one,two port=,5 user=u", [("one", 5432, "u", "", "u", "any"),
                                         ("two", 5, "u", "", "u", "any")]),
        ("postgresql://u@[::1]:5/j", [("::1", 5, "u", "", "j", "any")]),
        ("host=a hostaddr=127.0.0.1 user=u", [("127.0.0.1", 5432, "u", "", "u", "any")]),
    ],
)  # fmt: skip
def test_each_server_is_tried_in_its_turn(dsn: str, expected: list[tuple[Any, ...]]) -> None:
    """With all that there is to say, so that nothing is looked for elsewhere."""
    assert [tuple(each[name] for name in PLACE) for each in attempts(dsn)] == expected


def test_each_server_gets_its_own_password(tmp_path: Path) -> None:
    """From the file, where they stand by host and port."""
    passes = tmp_path / "passes"
    passes.write_text("one:*:*:*:first\\:1\ntwo:5:*:*:second\n")
    passes.chmod(0o600)

    told = attempts(f"host=one,two,two port=5,5,6 user=u passfile={passes}")

    assert [each["password"] for each in told] == ["first:1", "second", ""]


def test_a_server_is_given_the_time_that_the_string_says() -> None:
    """Two seconds at least, as psycopg; ten if it says nothing."""
    given = ("connect_timeout=7", "connect_timeout=1", "connect_timeout=0", "")

    times = [attempts(f"host=a user=u {text}")[0]["timeout"] for text in given]

    assert times == [7, 2, 10, 10]


@pytest.mark.parametrize(
    ("dsn", "sentence"),
    [
        ("host=a port=0", 'invalid port number: "0"'),
        ("host=a port=1 connect_timeout=soon", 'invalid integer value "soon"'),
        ("host=a target_session_attrs=x", 'invalid target_session_attrs value: "x"'),
        ("host=a,b port=1,2,3", "could not match 3 port numbers to 2 hosts"),
        ("host=a sslmode=x", 'invalid sslmode value: "x"'),
        ("service=x", 'definition of service "x" not found'),
        ("host=@a", 'a node cannot use the abstract socket "@a"'),
        ("host=a requirepeer=x", "a node cannot do what requirepeer"),
        ("host=a min_protocol_version=3.2", "a node cannot do what min_protocol_version"),
        ("secret", "libpq cannot read the connection string"),
    ],
)
def test_what_cannot_be_is_refused_before_anybody_connects(dsn: str, sentence: str) -> None:
    """In one line, with the exit status of wrong usage."""
    with pytest.raises(ConnectionStringError, match=sentence) as refused:
        attempts(dsn)

    assert refused.value.exit_status == 2
    assert "\n" not in refused.value.message


def test_a_service_counts_before_the_variables(
    variables: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And after the string, option by option."""
    (tmp_path / "pg_service.conf").write_text("[s]\nhost=served\nport=7\nuser=served\n")
    variables.setenv("PGSYSCONFDIR", str(tmp_path))
    for name in ("HOST", "PORT", "USER", "DATABASE"):
        variables.setenv(f"PG{name}", "1")

    found = conninfo.resolve("service=s user=told")

    assert [found[name] for name in ("host", "port", "user", "dbname")] == [
        "served", "7", "told", "1",
    ]  # fmt: skip
    assert "service" not in found


def test_the_system_s_certificates_are_where_python_has_them(
    variables: pytest.MonkeyPatch,
) -> None:
    """Psycopg's wheel looks for them where no system has any; what is set is left alone."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        variables.setenv(name, "/")  # so that it is as it was afterwards
        variables.delenv(name)

    conninfo.resolve("host=a user=u sslmode=verify-full")
    before = os.environ.get("SSL_CERT_FILE")
    found = conninfo.resolve("host=a user=u sslrootcert=system")

    assert before is None
    assert found["sslmode"] == "verify-full"
    assert os.environ.get("SSL_CERT_FILE") == ssl.get_default_verify_paths().cafile
