"""How long a node that has lost the database waits before it asks again: longer each time.

And not alike, or all sessions of all nodes would come back at the same moments. Nobody waits here.
"""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from pgdispatch.database.session import Session

FULL = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, *[5.0] * 54]


class EnoughError(Exception):
    """Ends a session that would ask for ever."""


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give what a session that finds no database would have waited, so far."""
    kept: list[float] = []

    async def refuse(*_: object, **__: object) -> None:
        raise OSError("nobody there")

    async def note(seconds: float) -> None:
        kept.append(seconds)
        if len(kept) >= len(FULL):
            raise EnoughError

    monkeypatch.setattr(asyncpg, "connect", refuse)
    monkeypatch.setattr(asyncio, "sleep", note)
    return kept


def pauses(waits: list[float]) -> list[float]:
    """Return the pauses of one session that finds no database."""
    waits.clear()
    with pytest.raises(EnoughError):
        asyncio.run(Session("", name="n").insist("select 1"))
    return list(waits)


def test_pauses_double_up_to_five_seconds_and_are_at_least_half_of_that(
    waits: list[float],
) -> None:
    """So a server that comes back is not asked in vain for long, nor without a pause."""
    parts = [waited / full for waited, full in zip(pauses(waits), FULL, strict=True)]

    assert min(parts) >= 0.5
    assert max(parts) <= 1


def test_pauses_of_two_sessions_are_spread_over_all_that_is_allowed(waits: list[float]) -> None:
    """None is another's: whoever fell silent at the same time comes back at different times."""
    one, other = pauses(waits), pauses(waits)

    assert not set(one) & set(other)
    parts = sorted(waited / full for waited, full in zip(one + other, FULL * 2, strict=True))
    assert parts[len(parts) // 4] < 0.7
    assert parts[-len(parts) // 4] > 0.8
    assert sum(one) != pytest.approx(sum(other), abs=0.001)
