"""The backgrounders of one node: started, woken, stopped, killed, replaced and reported."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pgdispatch.database import statements
from pgdispatch.database.session import Session
from pgdispatch.errors import OUR_OWN, ConfigurationError, PgdispatchError
from pgdispatch.ipc.attempt import Attempt
from pgdispatch.ipc.channel import Message
from pgdispatch.ipc.logbook import Outcome, Past
from pgdispatch.ipc.reporting import Progress
from pgdispatch.ipc.statuses import CUT_OFF, WORDS, WORN
from pgdispatch.ipc.tally import Tally
from pgdispatch.node.child import describe
from pgdispatch.node.endings import Endings, Seen
from pgdispatch.node.periodic import wait_for
from pgdispatch.node.reconcile import Decision
from pgdispatch.node.slot import Begin, Slot

logger = logging.getLogger("pgdispatch")

RESTART_PAUSE = 1.0
STOP_GRACE = 2.0
ENDS = {"draining": Outcome.GIVEN_BACK, "lost": Outcome.LOST}
REFUSED_PAUSE, LONGEST_REFUSED_PAUSE = 1.0, 60.0


@dataclass
class Backgrounders:
    """The slots of one node and the tasks that watch them.

    `begin` is what each process is told, with the node's name for its own. `on_ready` is awaited
    with the job types that a new process serves, `on_idle` called when one found nothing to do,
    `on_failure` when the node cannot serve. `grace`: the seconds that a job gets to finish.
    """

    begin: Begin
    session: Session
    tally: Tally
    endings: Endings
    on_ready: Callable[[list[str]], Coroutine[None, None, None]]
    on_idle: Callable[[], None]
    on_failure: Callable[[PgdispatchError], None]
    grace: float
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
        """Wake one, as a periodic task: for work that nobody told of."""
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
        """Replace the processes that have no job and do not hear, as a periodic task."""
        for slot in self.slots.values():
            if slot.killed_for is None and not slot.roll_call():
                error = f"backgrounder {slot.begin.name} did not hear its supervisor"
                logger.warning("%s, replaced", error)
                slot.kill("deaf", error=error)

    async def give_back(self, attempts: Iterable[Attempt]) -> None:
        """Give back the jobs that the database thinks run here, though no process has them."""
        for attempt in attempts:
            logger.warning("%s: job %s has no process, given back", self.begin.name, attempt[0])
            try:
                await self.session.call(statements.REQUEUE_HELD, *attempt)
            except PgdispatchError as error:  # that concerns no other
                logger.error("%s: job %s: %s", self.begin.name, attempt[0], error)

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

    def count(self) -> None:
        """Add to the tally what the processes have begun and ended since the last time."""
        for slot in self.slots.values():
            self._count(slot)

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

    def _count(self, slot: Slot) -> None:
        news = slot.news(is_all_told=logger.isEnabledFor(logging.DEBUG))
        self.tally.started.update(slot.types[number] for number in news.begun)
        self.tally.pending.update(news.ended)
        for past in news.told:
            self._note_end(slot, past)

    def _note_end(self, slot: Slot, past: Past) -> None:
        seen = Seen(slot.begin.name, slot.types[past.type_number], past.seconds, past.outcome)
        self.endings.add(past.attempt, seen)

    def _start(self, number: int, *, pause: float = 0.0) -> None:
        begin = replace(self.begin, name=f"{self.begin.name}:{number}")
        slot = Slot(number=number, begin=begin, on_message=self._on_message)
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
            self.session.outage.back(slot.begin.name)
            try:
                await self._report_end(slot, status)
            except PgdispatchError as error:  # then its job shows as an orphan
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
        name, attempt = slot.begin.name, slot.running
        self._count(slot)
        past = slot.cut_short(ENDS.get(slot.killed_for or "", Outcome.FAILED))
        if status != WORN and (not slot.is_ending or status != 0):  # why was said before
            logger.warning("%s %s", name, describe(status))
        if attempt is not None and slot.killed_for != "lost":
            await self._end_attempt(slot, attempt, status)
            self.tally.pending.add(attempt)
        if past is not None:
            self._note_end(slot, past)
        await self.session.insist(statements.STOP_BACKGROUNDER, name)

    async def _end_attempt(self, slot: Slot, attempt: Attempt, status: int) -> None:
        """Fail the attempt of a process that has ended.

        If the database refuses that, the job counts as lost, and goes back to the queue or, after
        too many losses, fails; if it refuses that too, it is asked until it does not. Meanwhile
        the job keeps its gates, and its process is not replaced: else the job would run for ever.
        """
        if slot.killed_for == "draining":
            await self.session.insist(statements.REQUEUE_HELD, *attempt)
            return
        failed_as = "timed out" if slot.killed_for == "timed out" else "killed"
        progress = slot.last_progress(attempt) or (None, None)
        fail = (statements.FAIL_HELD, *attempt, _obituary(slot, status), failed_as, *progress)
        said, pause = "", REFUSED_PAUSE
        while True:
            try:
                await self.session.insist(*fail)
                return
            except PgdispatchError as error:
                if error.message != said:
                    said = error.message
                    logger.error(
                        "%s: job %s cannot be ended: %s", slot.begin.name, attempt[0], said
                    )
            try:
                await self.session.insist(statements.LOSE_HELD, *attempt)
                logger.warning("%s: job %s counts as lost", slot.begin.name, attempt[0])
                return
            except PgdispatchError:
                await wait_for(self.stopping, pause)
            if self.stopping.is_set():
                return
            pause = min(pause * 2, LONGEST_REFUSED_PAUSE)

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
        self.is_open = True
        if not self.stopping.is_set():
            slot.send("wake")

    def _idle(self) -> Slot | None:
        idle = [slot for slot in self.slots.values() if slot.state == "idle" and not slot.is_ending]
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
