"""What a node says of an outage of its database."""

from __future__ import annotations

import asyncpg
import pytest

from pgdispatch.database.outage import CLOSED, READ_ONLY, SILENT, Outage, reason_of

REFUSED, STARTING = "Connection refused", "the database system is starting up"
NO_SOCKET = "No such file or directory"
SAME = [
    (REFUSED, ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 5432)")),
    (REFUSED, OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 5)")),
    (NO_SOCKET, FileNotFoundError(2, NO_SOCKET)),
    (CLOSED, ConnectionResetError(104, "Connection reset by peer")),
    (CLOSED, asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is")),
    (READ_ONLY, asyncpg.ReadOnlySQLTransactionError("cannot execute UPDATE")),
    (STARTING, asyncpg.CannotConnectNowError(STARTING)),
    (SILENT, TimeoutError()),
]


@pytest.mark.parametrize(("reason", "error"), SAME)
def test_there_always_is_a_reason(reason: str, error: Exception) -> None:
    """In few words, the same for the same."""
    assert reason_of(error) == reason


def test_an_outage_is_told_once_for_each_reason_and_at_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """However many notice it, and however often."""
    outage = Outage("n")
    for who in ("n", "n listens", "n turns"):
        outage.away(who, "terminating connection due to administrator command", is_lost=True)
        for reason in (REFUSED, REFUSED, STARTING):
            outage.away(who, reason)
    for who in ("n", "n turns", "n", "n listens", "n"):
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
    outage.away("n turns", REFUSED)
    outage.back("n turns")
    outage.away("n", "the connection is lost", is_lost=True)
    outage.back("n")
    assert len(caplog.messages) == 2

    outage.away("n", REFUSED)

    assert caplog.messages[2:] == [f"n: the database is away: {REFUSED}"]
