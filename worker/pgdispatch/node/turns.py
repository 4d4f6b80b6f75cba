"""A node asks once for all its backgrounders: the turn.

One statement ends whatever attempts have ended since the last one, and gets the next job for each
backgrounder that is free, in one transaction. There is one turn at a time, over a connection of its
own; while it is on its way endings gather, and go with the next. None waits for company: a turn is
taken as soon as there is a reason, and something to ask or to say.

What the database refuses to keep ends its attempt as failed with the text of that: then the endings
go one at a time, each with less in it that may be refused, until one is taken. The others go on.
Whatever it refuses free backgrounders for, it is asked again, after a pause that grows.

An answer may get lost. The endings are sent again, and may be stale by then, which is no news; for
backgrounders that had been asked for, the database gives back what it thinks they run.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from pgdispatch.database import statements
from pgdispatch.database.session import AwayError, Session, pauses
from pgdispatch.errors import NodeNameTakenError, PgdispatchError
from pgdispatch.ipc.attempt import Attempt
from pgdispatch.ipc.tally import Tally
from pgdispatch.node.channel_end import LARGE
from pgdispatch.node.ending import Ending
from pgdispatch.node.endings import Endings, Seen
from pgdispatch.node.periodic import wait_for
from pgdispatch.node.slot import Slot

if TYPE_CHECKING:
    from pgdispatch.node.spans import Spans

logger = logging.getLogger("pgdispatch")

PATIENCE = 10  # turns in a row that brought nothing, as rivals were in the way
CONTENDED_PAUSE = 0.05
REFUSED_PAUSES = (0.5, 30.0)  # after turns that were refused: at first, and at most
UNENDED_PAUSES = (1.0, 60.0)  # after an ending was refused in every form: at first, and at most
HELD_PAUSES = (0.01, 1.0)  # while somebody holds the row of its job, mostly for a moment: likewise
MOST_ENDINGS = 1000
MOST_BYTES = 4 << 20
ANSWER_WITHIN = 20.0  # seconds; the connection may be dead without knowing
FACTS = statements.TURN_FACTS


@dataclass
class Turns:
    """The turns of one node, for the backgrounders in `slots`.

    `on_idle` is called when there was no job for one that is free, `on_doubt` when the name of the
    node may be another's. `spans`: of the runs, if the node makes any. `ended`: the endings that
    the database has not taken note of, those in `large` being sent one by one. `asked`: the numbers
    of the backgrounders that it may have given a job that nobody knows of. `due` is set when there
    is a reason for a turn.
    """

    node: str
    incarnation: UUID | None
    session: Session
    tally: Tally
    endings: Endings
    on_idle: Callable[[], None]
    on_doubt: Callable[[], None]
    spans: Spans | None = None
    slots: dict[int, Slot] = field(default_factory=dict)
    ended: dict[Attempt, Ending] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)
    due: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    refusal: str | None = None
    refused_pause: float = REFUSED_PAUSES[0]
    free_at: float = 0.0
    in_vain: int = 0
    away: Iterator[float] = field(default_factory=pauses)
    was_large: bool = False

    async def serve(self) -> None:
        """Take turns, until `stop`."""
        while not self.stopping.is_set():
            await self.due.wait()
            self.due.clear()
            await self.take()

    def stop(self) -> None:
        """Take no more turns than the one that is on its way."""
        self.stopping.set()
        self.due.set()

    async def poll(self) -> None:
        """Take a turn if it could be of use, as a periodic task: for what nobody told of."""
        self.due.set()

    def end(self, ending: Ending) -> None:
        """Tell the database with the next turn how an attempt has ended."""
        self.ended[ending.attempt] = ending
        self.due.set()

    def give_back(self, attempt: Attempt) -> None:
        """Give back an attempt that no process has, unless its end is to be told already."""
        if attempt not in self.ended:
            self.end(Ending(attempt, "not begun"))

    def give_up(self) -> None:
        """Drop all endings: the name of the node is another's, who has taken their jobs back."""
        for ending in list(self.ended.values()):
            self._settle(replace(ending, outcome="lost"))

    def end_span(self, attempt: Attempt, seconds: float | None, outcome: str) -> None:
        """Note that a run has ended, for its span."""
        if self.spans is not None:
            self.spans.end(attempt, seconds, outcome)

    async def take(self) -> None:
        """Take a turn, or one for each set of job types that those serve who are free."""
        batch = self._batch()
        for types, free in self._free(batch).items() or [((), [])]:
            if batch or free:
                await self._turn(batch, free, types)
            batch = {}

    async def _turn(
        self, batch: Mapping[Attempt, Ending], free: Sequence[Slot], types: Sequence[str]
    ) -> None:
        for slot in free:
            slot.is_asked_for = True
        try:
            rows = await self._ask(batch, [slot.number for slot in free], types)
        except AwayError:  # that is told by the outage
            await wait_for(self.stopping, next(self.away))
            self.due.set()
        except PgdispatchError as error:
            await self._meet(error, batch)
        else:
            await self._obey(rows, batch, free)
        for slot in free:
            slot.is_asked_for = False
            if slot.is_ending:
                slot.end_jobs()

    def _batch(self) -> dict[Attempt, Ending]:
        """Return the endings that go with this turn: a large one by itself, every other time."""
        now = time.monotonic()
        due = [one for one in self.ended.values() if one.again_at <= now]
        large = [one for one in due if one.size > LARGE]
        self.was_large = bool(large) and (len(large) == len(due) or not self.was_large)
        if self.was_large:
            return {large[0].attempt: large[0]}
        batch: dict[Attempt, Ending] = {}
        size = 0
        for one in due:
            if one.size > LARGE:
                continue
            size += one.size
            if len(batch) == MOST_ENDINGS or (batch and size > MOST_BYTES):
                break
            batch[one.attempt] = one
        if len(batch) < len(due):
            self.due.set()
        return batch

    def _free(self, batch: Mapping[Attempt, Ending]) -> dict[tuple[str, ...], list[Slot]]:
        """Return who gets a job with this turn, by the job types that they serve."""
        found: dict[tuple[str, ...], list[Slot]] = {}
        if self.was_large or time.monotonic() < self.free_at:
            return found
        for slot in sorted(self.slots.values(), key=lambda slot: slot.number):
            if (slot.attempt is None or slot.attempt in batch) and slot.may_get_more:
                found.setdefault(slot.types, []).append(slot)
        return found

    async def _ask(
        self, batch: Mapping[Attempt, Ending], numbers: Sequence[int], types: Sequence[str]
    ) -> list[asyncpg.Record]:
        is_unsure = not self.asked.isdisjoint(numbers)
        ended = list(batch.values())
        values = self._values(ended, numbers, types, is_unsure=is_unsure)
        try:
            rows = await self.session.call(self._statement(), *values)
        except BaseException:
            self.asked.update(numbers)
            for one in ended:
                one.is_sent = True
            raise
        if is_unsure:
            self.asked.difference_update(numbers)
        self.away = pauses()
        return rows

    def _statement(self) -> str:
        return statements.TURN if self.session.has_encoding else statements.TURN_IN_BYTES

    def _values(
        self,
        ended: Sequence[Ending],
        numbers: Sequence[int],
        types: Sequence[str],
        *,
        is_unsure: bool = False,
    ) -> tuple[Any, ...]:
        """Return what `pgdispatch.turn` is called with."""
        return (
            self.node,
            self.incarnation,
            numbers,
            types,
            [one.attempt[0] for one in ended],
            [one.attempt[1] for one in ended],
            [one.outcome for one in ended],
            _column([one.error for one in ended]),
            _column([one.result for one in ended]),
            _column([one.log for one in ended]),
            _column([one.percent for one in ended]),
            _column([one.note for one in ended]),
            is_unsure,
        )

    async def _obey(
        self,
        rows: Iterable[asyncpg.Record],
        batch: Mapping[Attempt, Ending],
        free: Sequence[Slot],
    ) -> None:
        """Do what the database says: note what has ended, hand over what is to run."""
        said: dict[str, list[asyncpg.Record]] = {}
        for row in rows:
            said.setdefault(row["verdict"], []).append(row)
        stale = {(row["id"], row["attempt"]): row["reason"] for row in said.get("stale", ())}
        held = {(row["id"], row["attempt"]) for row in said.get("held", ())}
        for attempt, ending in batch.items():
            if attempt in held:
                self._keep(ending)
            else:
                self._settle(ending, stale.get(attempt))
        asked = {slot.begin.name: slot for slot in free}
        for row in said.get("run", ()):
            self._hand_over(row, asked)
        if free:
            self.refusal, self.refused_pause = None, REFUSED_PAUSES[0]
        is_again = "again" in said or "contended" in said
        if not is_again:
            self._note_idle(free)
        if is_again or self.was_large:
            self.due.set()
        is_in_vain = "contended" in said and "run" not in said and len(held) == len(batch)
        self.in_vain = self.in_vain + 1 if is_in_vain else 0
        if self.in_vain > PATIENCE:
            await wait_for(self.stopping, CONTENDED_PAUSE)

    def _note_idle(self, free: Sequence[Slot]) -> None:
        idle = [slot for slot in free if slot.attempt is None]
        for slot in idle:
            slot.is_idle = True
        if idle:
            self.on_idle()

    def _hand_over(self, row: asyncpg.Record, asked: Mapping[str, Slot]) -> None:
        """Hand a job to the process that it was started for; if that is gone, give it back."""
        values = row if self.session.has_encoding else map(_text, row)
        _, name, job, attempt, *facts, args, _ = values
        slot = asked.get(name)
        if slot is None or slot.attempt is not None or not slot.is_there:
            self.give_back((job, attempt))
            return
        known = dict(zip(FACTS, facts, strict=True))
        if self.spans is not None:
            known["traceparent"] = self.spans.start((job, attempt), known, name)
        slot.hand_over((job, attempt), known, args)
        self.tally.started[slot.type] += 1

    def _settle(self, ending: Ending, stale: str | None = None) -> None:
        """Note that the database knows how an attempt has ended, or will not know any more."""
        attempt, outcome = ending.attempt, ending.outcome
        name = ending.backgrounder or self.node
        if self.ended.pop(attempt, None) is None:
            return  # it was given up meanwhile
        if ending.on_settled is not None:
            ending.on_settled()
        if stale is not None and not ending.is_sent:
            job, number = attempt
            words = "%s: result dropped: job %s is not running as attempt %s (%s)"
            logger.warning(words, name, job, number, stale)
            outcome = "lost"
        self.tally.pending.add(attempt)
        self.end_span(attempt, ending.seconds, outcome)
        if outcome != "succeeded" or logger.isEnabledFor(logging.DEBUG):
            self.endings.add(attempt, Seen(name, ending.type, ending.seconds, outcome))

    def _keep(self, ending: Ending) -> None:
        """Send an ending again soon: it might be the node's own progress that was in the way."""
        ending.postpone(HELD_PAUSES)
        asyncio.get_running_loop().call_at(ending.again_at + 0.001, self.due.set)

    async def _meet(self, error: PgdispatchError, batch: Mapping[Attempt, Ending]) -> None:
        """Do what there is to do about a turn that was refused, of which nothing has been done."""
        if isinstance(error, NodeNameTakenError):
            self.on_doubt()
            await wait_for(self.stopping, REFUSED_PAUSES[0])
        elif not batch:
            self._wait_after(error)
            return
        else:
            for one in batch.values():
                await self._end_alone(one)
        self.due.set()

    def _wait_after(self, refusal: PgdispatchError) -> None:
        text = _words(refusal)
        if text != self.refusal:
            logger.error("%s: gets no job: %s", self.node, text)
        self.refusal = text
        self.free_at = time.monotonic() + self.refused_pause
        self.refused_pause = min(self.refused_pause * 2, REFUSED_PAUSES[1])

    async def _end_alone(self, ending: Ending) -> None:
        """Tell of one ending, in each of its forms until one is taken; if none is, later again.

        Meanwhile the job keeps its gates, and its backgrounder gets no other nor is it replaced:
        else the job would run for ever.
        """
        refusals: list[str] = []
        name = ending.backgrounder or self.node
        job, ending.is_sent = ending.attempt[0], True
        for form in ending.forms(refusals):
            try:
                rows = await self.session.insist(self._statement(), *self._values([form], [], []))
            except NodeNameTakenError:
                self.on_doubt()
                break
            except PgdispatchError as error:
                refusals.append(_words(error))
                logger.warning("%s: job %s: %s", name, job, refusals[-1])
                continue
            if any(row["verdict"] == "held" for row in rows):
                self._keep(ending)
            else:
                ending.outcome = form.outcome
                self._settle(ending)
            return
        ending.postpone(UNENDED_PAUSES)
        if refusals and refusals[0] != ending.told:
            ending.told = refusals[0]
            logger.error("%s: job %s cannot be ended: %s", name, job, refusals[0])


def _column(values: list[Any]) -> list[Any] | None:
    """Return a column of endings: none at all if nothing is in it."""
    return values if any(value is not None for value in values) else None


def _text(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _words(error: PgdispatchError) -> str:
    """Return what the database says, without what to do about it."""
    return error.message + (f" ({error.detail})" if error.detail else "")
