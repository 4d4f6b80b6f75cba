"""The backgrounders of one node: started, woken, stopped, killed, replaced and reported."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field, replace

from pgdispatch import statements
from pgdispatch.channel import Message
from pgdispatch.child import describe
from pgdispatch.chores import wait_for
from pgdispatch.errors import OUR_OWN, PgdispatchError, StaleAttemptError
from pgdispatch.orders import Attempt, Decision
from pgdispatch.session import Session
from pgdispatch.slot import Begin, Slot
from pgdispatch.statuses import CUT_OFF, WORDS, WORN
from pgdispatch.tally import Tally

logger = logging.getLogger("pgdispatch")

RESTART_PAUSE = 1.0
REFUSED_PAUSE, LONGEST_REFUSED_PAUSE = 1.0, 60.0


@dataclass
class Crew:
    """The slots of one node and the tasks that watch them.

    `begin` is what each process is told, with the node's name for its own. `on_ready` is awaited
    with the job types that a new process serves, `on_idle` called when one found nothing to do,
    `on_failure` when the node cannot serve.
    """

    begin: Begin
    session: Session
    tally: Tally
    on_ready: Callable[[list[str]], Coroutine[None, None, None]]
    on_idle: Callable[[], None]
    on_failure: Callable[[PgdispatchError], None]
    slots: dict[int, Slot] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    is_open: bool = False
    is_wake_due: bool = False
    wanted: int | None = None

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
        """Yield the attempts that the processes say they run."""
        for slot in self.slots.values():
            if slot.running is not None:
                yield slot.running

    def up(self) -> int:
        """Return how many backgrounders are there for work."""
        return sum(slot.was_ready and not slot.retires for slot in self.slots.values())

    def is_idle(self) -> bool:
        """Whether some backgrounder waits for work."""
        return self._idle() is not None

    def wake_one(self) -> None:
        """Let one idle backgrounder ask for a job; if it gets one, the next is woken in turn."""
        slot = self._idle()
        if slot is None:
            self.is_wake_due = True  # one that is just asking may have looked too early
        elif self.is_open and not self.stopping.is_set():
            slot.state = "woken"
            slot.send("wake")

    async def poll(self) -> None:
        """Wake one, as a chore: for work that nobody told of."""
        self.wake_one()

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
        """Replace the processes that have no job and do not hear, as a chore."""
        for slot in self.slots.values():
            if slot.killed_for is None and not slot.roll_call():
                error = f"backgrounder {slot.begin.name} did not hear its supervisor"
                logger.warning("%s, replaced", error)
                slot.kill("deaf", error=error)

    async def give_back(self, attempts: Iterable[Attempt]) -> None:
        """Give back the jobs that the database thinks run here, though no process has them."""
        for attempt in attempts:
            logger.warning("%s: job %s has no process, given back", self.begin.name, attempt[0])
            await self._unless_refused(statements.REQUEUE, *attempt)

    async def report_progress(self) -> None:
        """Pass on what the handlers said about their progress since the last time."""
        for slot in list(self.slots.values()):
            if slot.progress is not None:
                attempt, percent, note = slot.progress
                slot.progress = None
                await self._unless_refused(statements.PROGRESS, *attempt, percent, note)

    def count(self) -> None:
        """Add to the tally what the processes have begun and ended since the last time."""
        for slot in self.slots.values():
            self._count(slot)

    async def drain(self, *, grace: float, hurry: asyncio.Event, last_grace: float) -> None:
        """End all processes: after their job; after `grace` seconds asked to stop; then killed.

        `hurry` cuts the waiting short.
        """
        self.stopping.set()
        for slot in self.slots.values():
            self._retire(slot)
        await self._wait_for_all(grace, hurry)
        for slot in self.slots.values():
            slot.ask_to_stop("draining")
        await self._wait_for_all(last_grace, hurry)
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

    def _count(self, slot: Slot) -> None:
        news = slot.news()
        self.tally.started.update(slot.types[number] for number in news.begun)
        self.tally.pending.update(news.ended)

    def _start(self, number: int, *, pause: float = 0.0) -> None:
        begin = replace(self.begin, name=f"{self.begin.name}:{number}")
        slot = Slot(number=number, begin=begin, on_message=self._on_message)
        self.slots[number] = slot
        self.spawn(self._watch(slot, pause))

    def _retire(self, slot: Slot) -> None:
        slot.retires = True
        slot.send("drain")

    async def _watch(self, slot: Slot, pause: float) -> None:
        if pause:
            await wait_for(self.stopping, pause)
        if not self.stopping.is_set():
            status = await slot.run()
            self.session.outage.back(slot.begin.name)
            try:
                await self._report_end(slot, status)
            except PgdispatchError as error:  # then its job shows as an orphan
                logger.error("%s: %s", slot.begin.name, error)
        del self.slots[slot.number]
        if not self.stopping.is_set() and not slot.retires:
            self._start(slot.number, pause=0.0 if slot.was_ready else RESTART_PAUSE)

    async def _report_end(self, slot: Slot, status: int) -> None:
        name, attempt = slot.begin.name, slot.running
        self._count(slot)
        if status != WORN and (not slot.retires or status != 0):  # a worn one has said so
            logger.warning("%s %s", name, describe(status))
        if attempt is not None and slot.killed_for != "lost":
            try:
                await self._end_attempt(slot, attempt, status)
            except StaleAttemptError as refusal:
                logger.info("%s", refusal.message)
            self.tally.pending.add(attempt)
        await self.session.insist(statements.STOP_BACKGROUNDER, name)

    async def _end_attempt(self, slot: Slot, attempt: Attempt, status: int) -> None:
        """Fail the attempt of a process that has ended.

        If the database refuses that, the job counts as lost, and goes back to the queue or, after
        too many losses, fails; if it refuses that too, it is asked until it does not. Meanwhile
        the job keeps its gates, and its process is not replaced: else the job would run for ever.
        """
        if slot.killed_for == "draining":
            await self.session.insist(statements.REQUEUE, *attempt)
            return
        failed_as = "timed out" if slot.killed_for == "timed out" else "killed"
        fail = (statements.FAIL, *attempt, _obituary(slot, status), failed_as, None, False, None)
        said, pause = "", REFUSED_PAUSE
        while True:
            try:
                await self.session.insist(*fail)
                return
            except StaleAttemptError:
                raise
            except PgdispatchError as error:
                if error.message != said:
                    said = error.message
                    logger.error(
                        "%s: job %s cannot be ended: %s", slot.begin.name, attempt[0], said
                    )
            try:
                await self.session.insist(statements.REQUEUE_AS_LOST, *attempt)
                logger.warning("%s: job %s counts as lost", slot.begin.name, attempt[0])
                return
            except StaleAttemptError:
                raise
            except PgdispatchError:
                await wait_for(self.stopping, pause)
            if self.stopping.is_set():
                return
            pause = min(pause * 2, LONGEST_REFUSED_PAUSE)

    async def _unless_refused(self, statement: str, *values: object) -> None:
        """Run one statement of one attempt: that it is refused concerns no other."""
        try:
            await self.session.refusable(statement, *values)
        except PgdispatchError as error:
            logger.error("%s: job %s: %s", self.begin.name, values[0], error)

    def _on_message(self, slot: Slot, message: Message) -> None:
        kind = message["is"]
        if kind == "ready":
            slot.was_ready = True
            self.spawn(self._welcome(slot, message["types"]))
        elif kind == "broken":
            self.on_failure(
                PgdispatchError(message["error"], detail=message["detail"], hint=message["hint"])
            )
        elif kind == "away":
            self.session.outage.away(slot.begin.name, message["reason"], is_lost=message["is_lost"])
        elif kind == "back":
            self.session.outage.back(slot.begin.name)
        elif kind == "busy" and message["more"]:
            self.wake_one()
        elif kind == "idle":
            if self.is_wake_due:
                self.is_wake_due = False
                self.wake_one()
            self.on_idle()

    async def _welcome(self, slot: Slot, types: list[str]) -> None:
        if slot.pid is None:
            return
        try:
            await self.session.insist(statements.START_BACKGROUNDER, slot.begin.name, slot.pid)
            await self.on_ready(types)
        except PgdispatchError as error:
            if isinstance(error, OUR_OWN):
                raise  # the node cannot serve
            logger.error("%s: %s", slot.begin.name, error)
            slot.was_ready = False  # so that it is not started anew at once
            slot.kill("refused")
            return
        self.is_open = True
        if not self.stopping.is_set():
            slot.send("wake")

    def _idle(self) -> Slot | None:
        idle = [slot for slot in self.slots.values() if slot.state == "idle" and not slot.retires]
        return min(idle, key=lambda slot: slot.number, default=None)

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


def _obituary(slot: Slot, status: int) -> str:
    """Return why a process has ended, as the error of the job that it had in hand."""
    if slot.kill_error is not None:
        return slot.kill_error
    if slot.killed_for is not None:
        return f"killed after it was asked to stop: {slot.killed_for}"
    words = WORDS[CUT_OFF] if slot.child.is_cut_off else describe(status)
    return f"backgrounder {slot.begin.name} {words}"
