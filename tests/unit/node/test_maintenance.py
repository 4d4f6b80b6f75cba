"""What a supervisor does for the history: in parts, and never without end."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from pgdispatch.database import statements
from pgdispatch.database.session import Session
from pgdispatch.ipc.tally import Tally
from pgdispatch.node.endings import Endings
from pgdispatch.node.maintenance import FORGET_AT_MOST, FORGOTTEN_AT_ONCE, Maintenance


class Old:
    """A database with so many rows to forget; keeps what it was told."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.told: list[str] = []

    async def call(self, statement: str, *_: Any) -> list[tuple[int]]:
        """Forget a part."""
        self.told.append(statement)
        part = min(self.rows, FORGOTTEN_AT_ONCE)
        self.rows -= part
        return [(part,)]


@pytest.mark.parametrize(
    ("rows", "calls"),
    [
        (0, 1),
        (FORGOTTEN_AT_ONCE - 1, 1),
        (FORGOTTEN_AT_ONCE, 2),
        (FORGOTTEN_AT_ONCE * FORGET_AT_MOST * 2, FORGET_AT_MOST),
    ],
)
def test_what_is_old_is_forgotten_in_parts_before_the_history_is_rolled(
    rows: int, calls: int
) -> None:
    """As often as there was a whole part; the rest comes the next time."""
    old = Old(rows)

    session = cast("Session", old)
    asyncio.run(Maintenance("n", session, Tally(), Endings(session)).roll())

    assert old.told == [statements.FORGET] * calls + [statements.ROLL_HISTORY]
