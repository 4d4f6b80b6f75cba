"""What the jobs of a node log while they run: asked for, gathered, and written for all at once.

A job that ends within some seconds is not asked: its last lines go with its end. The others tell
once a second what is new, each so much that all of them stay within what a second may bring. What
cannot be written, as the database is away, waits; of too much the oldest goes, and that is told.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pgdispatch.database import statements
from pgdispatch.database.session import AwayError, BrokenOffError, Session
from pgdispatch.errors import PgdispatchError
from pgdispatch.ipc.attempt import Attempt
from pgdispatch.ipc.channel import Message
from pgdispatch.node.channel_end import NonsenseError
from pgdispatch.node.slot import Slot

logger = logging.getLogger("pgdispatch")

LONG = 3.0  # seconds after which a job is asked
ANSWER_WITHIN = 0.25  # seconds; who is late tells the next time
OF_ONE, OF_ALL = 64 << 10, 512 << 10  # bytes that are asked for at a time
AT_ONCE = 1 << 20  # bytes of one statement
A_TIME = 4 << 20  # bytes that are written at a time
MOST_KEPT = 8 << 20
LARGEST = 1 << 62


class Piece(NamedTuple):
    """Lines that follow one another, of one attempt, and the numbers of the first and the last."""

    attempt: Attempt
    first: int
    last: int
    lines: str

    @property
    def size(self) -> int:
        """Return about how much it takes up."""
        return len(self.lines) + 100


def read_piece(message: Message, value: bytes | None) -> Piece:
    """Return what a process tells of a log. Raises `NonsenseError`."""
    numbers: list[Any] = [message.get(name) for name in ("job", "attempt", "first", "last")]
    if value is None or not all(type(number) is int for number in numbers):
        raise NonsenseError
    job, attempt, first, last = numbers
    try:
        lines = value.decode()
    except UnicodeDecodeError as error:
        raise NonsenseError from error
    if "\0" in lines or not 0 < first <= last < LARGEST or lines.count("\n") != last - first:
        raise NonsenseError
    return Piece((job, attempt), first, last, lines)


@dataclass
class JobLogs:
    """The logs of the jobs in `slots`.

    `waiting`: what is to be written, `size` bytes. `lost`: how many bytes of it have gone.
    """

    node: str
    session: Session
    slots: Mapping[int, Slot]
    waiting: deque[Piece] = field(default_factory=deque)
    size: int = 0
    lost: int = 0

    def add(self, piece: Piece) -> None:
        """Note what is to be written."""
        self.waiting.append(piece)
        self.size += piece.size
        while self.size > MOST_KEPT:
            gone = self.waiting.popleft()
            self.size -= gone.size
            self.lost += gone.size

    async def gather(self) -> None:
        """Ask the jobs that run for long, and write what they tell, as a periodic task.

        Transaction: each statement is one of its own.
        """
        asked = self._ask()
        if asked:
            answers = [asyncio.ensure_future(slot.logged.wait()) for slot in asked]
            _, late = await asyncio.wait(answers, timeout=ANSWER_WITHIN)
            for answer in late:
                answer.cancel()
        await self.write()

    async def write(self) -> None:
        """Write what waits, up to some MB."""
        for _ in range(A_TIME // AT_ONCE):
            if not self.waiting:
                break
            batch = self._take()
            try:
                await self._append(batch)
            except (AwayError, BrokenOffError):
                self._put_back(batch)
                raise
            except PgdispatchError as error:
                await self._append_each(batch, error)
        if self.lost and not self.waiting:
            lost, self.lost = self.lost, 0
            logger.warning(
                "%s: %s bytes of job logs were not kept: too much at once", self.node, lost
            )

    def _ask(self) -> list[Slot]:
        """Ask who has run for long, unless too much waits already; return whom."""
        now = time.monotonic()
        due = [
            slot
            for slot in self.slots.values()
            if slot.running is not None and now - slot.handed_at >= LONG and slot.logged.is_set()
        ]
        if self.size > MOST_KEPT // 2:
            return []
        for slot in due:
            slot.ask_for_log(min(OF_ONE, OF_ALL // len(due)))
        return due

    def _take(self) -> list[Piece]:
        batch = [self.waiting.popleft()]
        size = batch[0].size
        while self.waiting and size + self.waiting[0].size <= AT_ONCE:
            batch.append(self.waiting.popleft())
            size += batch[-1].size
        self.size -= size
        return batch

    def _put_back(self, batch: list[Piece]) -> None:
        self.waiting.extendleft(reversed(batch))
        self.size += sum(piece.size for piece in batch)

    async def _append(self, batch: list[Piece]) -> None:
        values: list[list[Any]] = [
            [piece.attempt[0] for piece in batch],
            [piece.attempt[1] for piece in batch],
            [piece.first for piece in batch],
            [piece.last for piece in batch],
            [piece.lines for piece in batch],
        ]
        await self.session.call(statements.APPEND_LOG, *values)

    async def _append_each(self, batch: list[Piece], refusal: PgdispatchError) -> None:
        """Write each by itself, in characters that every database knows."""
        logger.debug("%s: job logs: %s", self.node, refusal)
        for place, piece in enumerate(batch):
            plain = piece.lines.encode("ascii", "replace").decode()
            try:
                await self._append([piece._replace(lines=plain)])
            except (AwayError, BrokenOffError):
                self._put_back(batch[place:])
                raise
            except PgdispatchError as error:
                logger.error("%s: log of job %s: %s", self.node, piece.attempt[0], error)
