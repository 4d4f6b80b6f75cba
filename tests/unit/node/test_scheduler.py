"""The clock asks again at once while something was due, and then as late as it may."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from pgdispatch.database.session import Session
from pgdispatch.node import scheduler


class Answers:
    """A session that gives these answers, one after the other."""

    def __init__(self, *answers: tuple[int | None, float | None]) -> None:
        self.left = list(answers)

    async def call(self, *_: Any) -> list[tuple[int | None, float | None]]:
        """Give the next."""
        return [self.left.pop(0)]


def test_it_asks_until_nothing_is_due() -> None:
    """A schedule without tasks makes no job and is one that was due."""
    session = Answers((3, 0.0), (0, 0.0), (None, 0.4))

    wait = asyncio.run(scheduler.turn(cast("Session", session)))

    assert session.left == []
    assert wait == 0.4


@pytest.mark.parametrize(
    ("told", "waited"),
    [(None, scheduler.LONGEST), (3600.0, scheduler.LONGEST), (0.5, 0.5), (0.0, scheduler.SHORTEST)],
)
def test_it_waits_for_the_next_schedule_but_never_long(told: float | None, waited: float) -> None:
    """Schedules change behind its back; one that is being edited is due all the time."""
    assert asyncio.run(scheduler.turn(cast("Session", Answers((None, told))))) == waited
