"""As many processes as are wanted, each replaced when it ends, and none against anybody's will."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from pgdispatch.node import pool as module
from pgdispatch.node.pool import RESTART_PAUSE, Pool


@dataclass
class One:
    """A process that ends when it is told to, having been of use or not."""

    number: int
    retires: bool = False
    end: asyncio.Event = field(default_factory=asyncio.Event)
    is_of_use: bool = True


@dataclass
class Ground:
    """A pool, and what it has made so far; nobody waits there."""

    pool: Pool[One] = field(init=False)
    made: list[One] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the pool."""
        self.pool = Pool(self._make, self._attend, lambda one: one.end.set())

    def _make(self, number: int) -> One:
        self.made.append(One(number))
        return self.made[-1]

    async def _attend(self, one: One) -> bool:
        await one.end.wait()
        return one.is_of_use


async def settle() -> None:
    """Let everything come to rest."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give the pauses that nobody made."""
    kept: list[float] = []

    async def wait_for(_: asyncio.Event, seconds: float) -> None:
        kept.append(seconds)

    monkeypatch.setattr(module, "wait_for", wait_for)
    return kept


def play(act: Callable[[Ground], Awaitable[None]]) -> list[int]:
    """Return the numbers of all that were made while a pool of two is played with."""

    async def go() -> list[int]:
        ground = Ground()
        ground.pool.adjust(2)
        await settle()
        await act(ground)
        await settle()
        made = [one.number for one in ground.made]
        ground.pool.drain()
        await asyncio.wait_for(asyncio.gather(*ground.pool.tasks), 5)
        assert ground.pool.members == {}
        return made

    return asyncio.run(go())


def test_one_that_ends_is_replaced_at_once_if_it_was_of_use(pauses: list[float]) -> None:
    """Else after a pause: what cannot start would be started without end."""

    async def act(ground: Ground) -> None:
        ground.made[0].end.set()
        await settle()
        assert pauses == []
        ground.made[1].is_of_use = False
        ground.made[1].end.set()

    assert play(act) == [1, 2, 1, 2]
    assert pauses == [RESTART_PAUSE]


def test_one_that_retires_is_not_replaced_until_it_is_wanted_again(pauses: list[float]) -> None:
    """The higher numbers go first."""

    async def act(ground: Ground) -> None:
        ground.pool.adjust(1)
        await settle()
        assert list(ground.pool.members) == [1]
        ground.pool.adjust(3)

    assert play(act) == [1, 2, 2, 3]
    assert pauses == []


def test_nothing_starts_once_it_is_drained(pauses: list[float]) -> None:
    """Neither what is wanted nor what has ended."""

    async def act(ground: Ground) -> None:
        ground.pool.drain()
        ground.pool.adjust(5)

    assert play(act) == [1, 2]
    assert pauses == []
