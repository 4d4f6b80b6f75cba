"""The backgrounders of one node: started, stopped, killed, replaced and reported."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pgdispatch.database import statements
from pgdispatch.database.session import Session
from pgdispatch.errors import OUR_OWN, ConfigurationError, PgdispatchError
from pgdispatch.ipc.attempt import Attempt
from pgdispatch.ipc.channel import Message
from pgdispatch.ipc.reporting import Progress
from pgdispatch.ipc.statuses import CUT_OFF, WORDS, WORN
from pgdispatch.node.channel_end import Room
from pgdispatch.node.child import describe
from pgdispatch.node.ending import Ending
from pgdispatch.node.endings import Endings, Seen
from pgdispatch.node.job_logs import Piece, read_piece
from pgdispatch.node.periodic import wait_for
from pgdispatch.node.pool import Pool
from pgdispatch.node.reconcile import Decision
from pgdispatch.node.slot import Begin, Slot
from pgdispatch.node.turns import Turns

logger = logging.getLogger("pgdispatch")

STOP_GRACE = 2.0


@dataclass
class Backgrounders:
    """The slots of one node, in a pool.

    `begin` is what each process is told, with the node's name for its own. `turns` get them jobs
    and tell of their ends. `on_ready` is awaited with the job types that a new process serves,
    `on_failure` called when the node cannot serve. `grace`: the seconds that a job gets to finish.
    `on_log` is called with what jobs have logged. `room` is for the large results of all.
    """

    begin: Begin
    session: Session
    turns: Turns
    endings: Endings
    on_ready: Callable[[list[str]], Coroutine[None, None, None]]
    on_failure: Callable[[PgdispatchError], None]
    grace: float
    on_log: Callable[[Piece], None] = lambda _: None
    room: Room = field(default_factory=Room)
    is_open: bool = False
    pool: Pool[Slot] = field(init=False)

    def __post_init__(self) -> None:
        """Make the pool, which is empty."""
        self.pool = Pool(self._make, self._attend, Slot.end_after_job, members=self.turns.slots)

    @property
    def slots(self) -> dict[int, Slot]:
        """The slots by their number."""
        return self.pool.members

    def attempts(self) -> Iterator[Attempt]:
        """Yield the attempts that are in hand here: whose end the database does not know."""
        for slot in self.slots.values():
            if slot.attempt is not None:
                yield slot.attempt
        for attempt, ending in self.turns.ended.items():
            if ending.backgrounder is None:
                yield attempt

    def up(self) -> int:
        """Return how many backgrounders are there for work."""
        return sum(slot.was_ready and not slot.retires for slot in self.slots.values())

    def is_idle(self) -> bool:
        """Whether some backgrounder waits for work."""
        return any(slot.is_idle and slot.may_get_more for slot in self.slots.values())

    def obey(self, decision: Decision) -> None:
        """Stop and kill what the database wants stopped, killed or has taken away."""
        for slot in self.slots.values():
            slot.tell_drained(is_drained=decision.is_drained)
            attempt = slot.running
            if attempt is None:
                continue
            if attempt in decision.stop:
                slot.ask_to_stop(decision.stop[attempt])
            elif attempt in decision.kill:
                slot.kill(decision.kill[attempt])
            elif attempt in decision.lost:
                logger.warning("%s: job %s was taken away, killed", slot.begin.name, attempt[0])
                slot.kill("lost")

    async def call_roll(self) -> None:
        """Replace the processes that have no job and do not hear, as a periodic task."""
        for slot in self.slots.values():
            if slot.killed_for is None and not slot.roll_call():
                error = f"backgrounder {slot.begin.name} did not hear its supervisor"
                logger.warning("%s, replaced", error)
                slot.kill("deaf", error=error)

    def give_back(self, attempts: Iterable[Attempt]) -> None:
        """Give back the jobs that the database thinks run here, though no process has them."""
        for attempt in attempts:
            logger.warning("%s: job %s has no process, given back", self.begin.name, attempt[0])
            self.turns.give_back(attempt)

    async def report_progress(self) -> None:
        """Pass on what the handlers said about their progress since the last time."""
        said = [slot.progress for slot in self.slots.values() if slot.progress is not None]
        for slot in self.slots.values():
            slot.progress = None
        if said:
            await self._note_progress(said)

    async def tell_all(self) -> None:
        """Tell the database anew of the processes that are up."""
        for slot in list(self.slots.values()):
            if slot.was_ready:
                await self._tell_start(slot)

    async def drain(self, hurry: asyncio.Event) -> None:
        """End all processes: after their job; after the grace asked to stop; then killed.

        `hurry` cuts the waiting short.
        """
        self.pool.drain()
        await self._wait_for_all(self.grace, hurry)
        for slot in self.slots.values():
            slot.ask_to_stop("draining")
        await self._wait_for_all(STOP_GRACE, hurry)
        self.kill_all("draining")

    def kill_all(self, reason: str) -> None:
        """Kill every process and remember why."""
        for slot in self.slots.values():
            slot.kill(reason)

    def _make(self, number: int) -> Slot:
        begin = replace(self.begin, name=f"{self.begin.name}:{number}")
        return Slot(
            number=number,
            begin=begin,
            on_message=self._on_message,
            on_end=self.turns.end,
            on_log=lambda message, value: self.on_log(read_piece(message, value)),
            room=self.room,
        )

    async def _attend(self, slot: Slot) -> bool:
        """Run a process to its end, and tell of that; return whether it had been ready."""
        try:
            status = await slot.run()
        except OSError as error:
            self.on_failure(PgdispatchError(f"cannot start a backgrounder: {error}"))
            return False
        try:
            await self._report_end(slot, status)
        except PgdispatchError as error:
            logger.error("%s: %s", slot.begin.name, error)
        slot.over.set()
        return slot.was_ready

    async def _relieve(self, slot: Slot) -> None:
        """End one process as `drain` does; another takes its place."""
        rest = "" if slot.running is None else f"; its job has {self.grace:g} s to finish"
        logger.warning("%s was asked to end%s", slot.begin.name, rest)
        slot.end_after_job()
        await wait_for(slot.over, self.grace)
        slot.ask_to_stop("draining")
        await wait_for(slot.over, STOP_GRACE)
        if not slot.over.is_set():
            slot.kill("draining")

    async def _report_end(self, slot: Slot, status: int) -> None:
        """Tell of the end of a process, and before of that of the job in its hands."""
        name, attempt = slot.begin.name, slot.running
        if status != WORN and (not slot.is_ending or status != 0):  # why was said before
            logger.warning("%s %s", name, describe(status))
        if attempt is not None and slot.killed_for == "lost":
            seconds = time.monotonic() - slot.handed_at
            self.endings.add(attempt, Seen(name, slot.type, seconds, "lost"))
            self.turns.end_span(attempt, seconds, "lost")
            slot.settle()
        elif attempt is not None:
            slot.end(_last_ending(slot, attempt, status))
        await slot.settled.wait()
        await self.session.insist(statements.STOP_BACKGROUNDER, name)

    async def _note_progress(self, said: Sequence[tuple[Attempt, Progress]]) -> None:
        """Pass on all progress at once; each by itself if a note of them is refused."""
        rows = [(*attempt, *progress) for attempt, progress in said]
        try:
            await self.session.call(statements.NOTE_PROGRESS, *map(list, zip(*rows, strict=True)))
        except PgdispatchError as error:
            if len(said) == 1:
                logger.error("%s: progress of job %s: %s", self.begin.name, rows[0][0], error)
                return
            for one in said:
                await self._note_progress([one])

    def _on_message(self, slot: Slot, message: Message) -> None:
        kind = message["is"]
        if kind == "ready":
            slot.was_ready = True
            self.pool.spawn(self._welcome(slot, message["types"]))
        elif kind == "broken":
            self.on_failure(
                ConfigurationError(message["error"], detail=message["detail"], hint=message["hint"])
            )
        elif kind == "asked to end" and not slot.is_relieved:
            slot.is_relieved = True
            self.pool.spawn(self._relieve(slot))

    async def _tell_start(self, slot: Slot) -> None:
        if slot.pid is not None:
            await self.session.insist(statements.START_BACKGROUNDER, slot.begin.name, slot.pid)

    async def _welcome(self, slot: Slot, types: list[str]) -> None:
        if slot.pid is None:
            return
        try:
            await self._tell_start(slot)
            await self.on_ready(types)
        except PgdispatchError as error:
            if isinstance(error, OUR_OWN):
                self.on_failure(error)
                return
            logger.error("%s: %s", slot.begin.name, error)
            slot.was_ready = False  # so that it is not started anew at once
            slot.kill("refused")
            return
        self.is_open = slot.is_open = True
        self.turns.due.set()

    async def _wait_for_all(self, seconds: float, hurry: asyncio.Event) -> None:
        if not self.pool.tasks or hurry.is_set():
            return
        hurried = asyncio.create_task(hurry.wait())
        ended = asyncio.create_task(asyncio.wait(set(self.pool.tasks)))
        await asyncio.wait({hurried, ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        ended.cancel()


def _last_ending(slot: Slot, attempt: Attempt, status: int) -> Ending:
    """Return how the attempt ends that a process, which is gone, had in hand.

    One that it had not begun goes back to the queue, as does one that it had to end for the node.
    """
    if slot.begun.attempt() != attempt:
        return Ending(attempt, "not begun")
    if slot.killed_for == "draining":
        return Ending(attempt, "given back", _obituary(slot, status))
    failed_as = "timed out" if slot.killed_for == "timed out" else "killed"
    percent, note = slot.last_progress(attempt) or (None, None)
    return Ending(attempt, failed_as, _obituary(slot, status), percent=percent, note=note)


def _obituary(slot: Slot, status: int) -> str:
    """Return why a process has ended, as the error of the job that it had in hand."""
    if slot.kill_error is not None:
        return slot.kill_error
    if slot.killed_for is not None:
        return f"killed after it was asked to stop: {slot.killed_for}"
    words = WORDS[CUT_OFF] if slot.child.is_cut_off else describe(status)
    return f"backgrounder {slot.begin.name} {words}"
