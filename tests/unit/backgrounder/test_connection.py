"""How long those who have lost the database wait before they ask again: longer each time.

And not alike, or all processes of all nodes would come back at the same moments. Nobody waits here.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import asyncpg
import psycopg
import pytest

from pgdispatch.backgrounder.connection import Connection, GaveUpError
from pgdispatch.backgrounder.prepared import Caller
from pgdispatch.database.session import Session
from pgdispatch.errors import StaleAttemptError

FULL = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, *[5.0] * 54]
Pauses = Callable[[], list[float]]


class Patience(threading.Event):
    """Keeps what it would have waited for, and has enough after so many times."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Do not wait."""
        self.waits.append(timeout or 0)
        return len(self.waits) >= len(FULL)


class EnoughError(Exception):
    """Ends a session that would ask for ever."""


@pytest.fixture
def of_a_backgrounder(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    """Give the pauses of a backgrounder that finds no database."""

    def refuse(*_: object, **__: object) -> None:
        raise psycopg.OperationalError("nobody there")

    monkeypatch.setattr(psycopg, "connect", refuse)

    def pauses() -> list[float]:
        patience = Patience()
        with pytest.raises(GaveUpError):
            Connection("", name="n:1").call(lambda _: None, give_up=patience)
        return patience.waits

    return pauses


@pytest.fixture
def of_a_supervisor(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    """Give the pauses of a supervisor that finds no database."""
    waits: list[float] = []

    async def refuse(*_: object, **__: object) -> None:
        raise OSError("nobody there")

    async def note(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) >= len(FULL):
            raise EnoughError

    monkeypatch.setattr(asyncpg, "connect", refuse)
    monkeypatch.setattr(asyncio, "sleep", note)

    def pauses() -> list[float]:
        waits.clear()
        with pytest.raises(EnoughError):
            asyncio.run(Session("", name="n").insist("select 1"))
        return list(waits)

    return pauses


def test_a_refusal_after_an_outage_says_that_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers is back; the next call may be long after."""
    told: list[str] = []
    answers: list[Exception] = [psycopg.OperationalError("gone"), StaleAttemptError("not yours")]
    connection = Connection("", name="n:1", tell=lambda what, **_: told.append(what))

    def ask() -> Caller:
        raise answers.pop(0)

    monkeypatch.setattr(connection, "_connected", ask)
    with pytest.raises(StaleAttemptError):
        connection.call(lambda _: None, give_up=Patience())

    assert told == ["away", "back"]


@pytest.fixture(params=["of_a_backgrounder", "of_a_supervisor"])
def pauses(request: pytest.FixtureRequest) -> Pauses:
    """Give the pauses of either."""
    found: Pauses = request.getfixturevalue(request.param)
    return found


def test_pauses_double_up_to_five_seconds_and_are_at_least_half_of_that(pauses: Pauses) -> None:
    """So a server that comes back is not asked in vain for long, nor without a pause."""
    parts = [waited / full for waited, full in zip(pauses(), FULL, strict=True)]

    assert min(parts) >= 0.5
    assert max(parts) <= 1


def test_pauses_of_two_processes_are_spread_over_all_that_is_allowed(pauses: Pauses) -> None:
    """None is another's: whoever fell silent at the same time comes back at different times."""
    one, other = pauses(), pauses()

    assert not set(one) & set(other)
    parts = sorted(waited / full for waited, full in zip(one + other, FULL * 2, strict=True))
    assert parts[len(parts) // 4] < 0.7
    assert parts[-len(parts) // 4] > 0.8
    assert sum(one) != pytest.approx(sum(other), abs=0.001)
