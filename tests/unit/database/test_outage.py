"""What a node says of an outage of its database."""

from __future__ import annotations

import asyncpg
import psycopg
import pytest

from pgdispatch.database.outage import CLOSED, READ_ONLY, SILENT, Outage, reason_of

REFUSED, STARTING = "Connection refused", "the database system is starting up"
NO_SOCKET = "No such file or directory"
TCP = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: '
SOCKET = 'connection failed: connection to server on socket "/s/.s.PGSQL.5432" failed: '
HINT = "\n\tIs the server running on that host and accepting TCP/IP connections?"
SAME = [
    (REFUSED, ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 5432)")),
    (REFUSED, OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 5)")),
    (REFUSED, psycopg.OperationalError(f"{TCP}{REFUSED}{HINT}")),
    (NO_SOCKET, FileNotFoundError(2, NO_SOCKET)),
    (NO_SOCKET, psycopg.OperationalError(f"{SOCKET}{NO_SOCKET}{HINT}")),
    (CLOSED, ConnectionResetError(104, "Connection reset by peer")),
    (CLOSED, psycopg.OperationalError(f"{TCP}server closed the connection unexpectedly")),
    (READ_ONLY, asyncpg.ReadOnlySQLTransactionError("cannot execute UPDATE")),
    (READ_ONLY, psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT")),
    (STARTING, asyncpg.CannotConnectNowError(STARTING)),
    (STARTING, psycopg.OperationalError(f"{TCP}FATAL:  {STARTING}")),
    (SILENT, TimeoutError()),
    (SILENT, psycopg.errors.ConnectionTimeout("connection timeout expired")),
]


@pytest.mark.parametrize(("reason", "error"), SAME)
def test_both_drivers_give_a_reason_in_the_same_words(reason: str, error: Exception) -> None:
    """Else it would seem to change with whoever asks; and there always is one."""
    assert reason_of(error) == reason


def test_an_outage_is_told_once_for_each_reason_and_at_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """However many notice it, and however often."""
    outage = Outage("n")
    for who in ("n", "n listens", "n:1"):
        outage.away(who, "terminating connection due to administrator command", is_lost=True)
        for reason in (REFUSED, REFUSED, STARTING):
            outage.away(who, reason)
    for who in ("n", "n:1", "n", "n listens", "n"):
        outage.back(who)

    assert caplog.messages == [
        "n: the database is away: terminating connection due to administrator command",
        f"n: the database is still away: {REFUSED}",
        f"n: the database is still away: {STARTING}",
        "n: the database is back after 0 s",
    ]


def test_a_connection_that_notices_only_afterwards_tells_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It was not used meanwhile; one that finds nobody then tells of another outage."""
    outage = Outage("n")
    outage.away("n:1", REFUSED)
    outage.back("n:1")
    outage.away("n", "the connection is lost", is_lost=True)
    outage.back("n")
    assert len(caplog.messages) == 2

    outage.away("n", REFUSED)

    assert caplog.messages[2:] == [f"n: the database is away: {REFUSED}"]
