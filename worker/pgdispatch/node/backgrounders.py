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
from pgdispatch.node.periodic import wait_for
from pgdispatch.node.reconcile import Decision
from pgdispatch.node.slot import Begin, Slot
from pgdispatch.node.turns import Turns

logger = logging.getLogger("pgdispatch")

RESTART_PAUSE = 1.0
STOP_GRACE = 2.0


@dataclass
class Backgrounders:
    """The slots of one node and the tasks that watch them.

    `begin` is what each process is told, with the node's name for its own. `turns` get them jobs
    and tell of their ends. `on_ready` is awaited with the job types that a new process serves,
    `on_failure` called when the node cannot serve. `grace`: the seconds that a job gets to finish.
    `room` is for the large results of all.
    """

    begin: Begin
    session: Session
    turns: Turns
    endings: Endings
    on_ready: Callable[[list[str]], Coroutine[None, None, None]]
    on_failure: Callable[[PgdispatchError], None]
    grace: float
    room: Room = field(default_factory=Room)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    is_open: bool = False
    wanted: int | None = None

    @property
    def slots(self) -> dict[int, Slot]:
        """The slots by their number."""
        return self.turns.slots

    def adjust(self, wanted: int) -> None:
        """Start what is missing; tell those with a higher number to end after their job."""
        if self.stopping.is_set():
            return
        self.wanted = wanted
        for number in range(1, wanted + 1):
            if number not in self.slots:
                self._start(number)
        for number, slot in self.slots.items():
            if number > wanted and not slot.retires:
                self._retire(slot)

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
        self.stopping.set()
        for slot in self.slots.values():
            self._retire(slot)
        await self._wait_for_all(self.grace, hurry)
        for slot in self.slots.values():
            slot.ask_to_stop("draining")
        await self._wait_for_all(STOP_GRACE, hurry)
        self.kill_all("draining")

    def kill_all(self, reason: str) -> None:
        """Kill every process and remember why."""
        for slot in self.slots.values():
            slot.kill(reason)

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Run `work` as a task of this node; a refusal in it stops the node."""
        task = asyncio.create_task(self._guarded(work))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _start(self, number: int, *, pause: float = 0.0) -> None:
        begin = replace(self.begin, name=f"{self.begin.name}:{number}")
        slot = Slot(
            number=number,
            begin=begin,
            on_message=self._on_message,
            on_end=self.turns.end,
            room=self.room,
        )
        self.slots[number] = slot
        self.spawn(self._watch(slot, pause))

    def _retire(self, slot: Slot) -> None:
        slot.retires = True
        slot.end_after_job()

    async def _watch(self, slot: Slot, pause: float) -> None:
        if pause:
            await wait_for(self.stopping, pause)
        if not self.stopping.is_set():
            status = await slot.run()
            try:
                await self._report_end(slot, status)
            except PgdispatchError as error:
                logger.error("%s: %s", slot.begin.name, error)
        slot.over.set()
        del self.slots[slot.number]
        if not self.stopping.is_set() and not slot.retires:
            self._start(slot.number, pause=0.0 if slot.was_ready else RESTART_PAUSE)

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
            self.spawn(self._welcome(slot, message["types"]))
        elif kind == "broken":
            self.on_failure(
                ConfigurationError(message["error"], detail=message["detail"], hint=message["hint"])
            )
        elif kind == "asked to end" and not slot.is_relieved:
            slot.is_relieved = True
            self.spawn(self._relieve(slot))

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
                raise  # the node cannot serve
            logger.error("%s: %s", slot.begin.name, error)
            slot.was_ready = False  # so that it is not started anew at once
            slot.kill("refused")
            return
        self.is_open = slot.is_open = True
        self.turns.due.set()

    async def _wait_for_all(self, seconds: float, hurry: asyncio.Event) -> None:
        if not self.tasks or hurry.is_set():
            return
        hurried = asyncio.create_task(hurry.wait())
        ended = asyncio.create_task(asyncio.wait(set(self.tasks)))
        await asyncio.wait({hurried, ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        ended.cancel()

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except PgdispatchError as error:
            self.on_failure(error)
        except OSError as error:
            self.on_failure(PgdispatchError(f"cannot start a backgrounder: {error}"))


def _last_ending(slot: Slot, attempt: Attempt, status: int) -> Ending:
    """Return how the attempt ends that a process, which is gone, had in hand.

    One that it had not begun goes back to the queue, as does one that it had to end for the node.
    """
    if slot.killed_for == "draining" or slot.begun.attempt() != attempt:
        return Ending(attempt, "given back")
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
