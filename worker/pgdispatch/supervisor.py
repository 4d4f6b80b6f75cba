"""The supervisor of one node: starts, watches and replaces its backgrounders.

It sends one heartbeat for all of them, wakes one when there is work, stops or kills jobs that
were cancelled or overrun, and reports the job of a process that died.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import socket
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pgdispatch import statements
from pgdispatch.channel import Message
from pgdispatch.errors import (
    NoDatabaseError,
    NodeNameTakenError,
    PgdispatchError,
    StaleAttemptError,
)
from pgdispatch.orders import Attempt, Order, OrderBook
from pgdispatch.session import AWAY, Session
from pgdispatch.slot import Begin, Slot
from pgdispatch.version import VERSION

logger = logging.getLogger("pgdispatch")

HEARTBEAT_EVERY = 2.0
POLL_EVERY = 1.0
TEND_EVERY = 2.0
ROLL_EVERY = 3600.0
RESTART_PAUSE = 1.0
STOP_GRACE = 2.0
LAST_WORDS = 10.0


@dataclass(frozen=True)
class SupervisorOptions:
    """What `pgdispatch worker` was told. `processes` None: as the row of the node says.

    `grace`: seconds that running jobs get to finish when the node is told to stop.
    """

    dsn: str
    node: str
    processes: int | None = None
    apps: tuple[str, ...] = ()
    types: tuple[str, ...] | None = None
    config: Path | None = None
    grace: float = 30.0


@dataclass
class Supervisor:
    """One run of a supervisor, under an incarnation of its own."""

    options: SupervisorOptions
    incarnation: uuid.UUID = field(default_factory=uuid.uuid4)
    slots: dict[int, Slot] = field(default_factory=dict)
    wanted: int = 0
    types: list[str] | None = None
    is_open: bool = False
    is_idle_told: bool = False
    failure: PgdispatchError | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    beat_now: asyncio.Event = field(default_factory=asyncio.Event)
    book: OrderBook = field(default_factory=OrderBook)
    watchers: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the session; it connects on its first call."""
        self.session = Session(self.options.dsn, name=self.options.node, on_notify=self._on_notify)

    async def run(self) -> None:
        """Serve until told to stop. Raises `PgdispatchError` if the node cannot serve."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        await self._sign_on()
        if self.stopping.is_set():
            await self._say_goodbye()
            return
        chores = [
            asyncio.create_task(chore)
            for chore in (
                self._every(HEARTBEAT_EVERY, self.beat, self.beat_now),
                self._every(POLL_EVERY, self._poll),
                self._every(TEND_EVERY, self._tend),
                self._every(ROLL_EVERY, self._roll),
            )
        ]
        try:
            await self.stopping.wait()
            await self._drain()
        finally:
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)
            await self._say_goodbye()
        if self.failure is not None:
            raise self.failure

    async def beat(self) -> None:
        """Send the heartbeat and progress, and do what the database says."""
        told = list(self._told())
        is_idle = self._idle() is not None
        try:
            rows = await self.session.call(
                statements.HEARTBEAT, self.options.node, self.incarnation, is_idle
            )
            orders = await self.session.call(statements.NODE_ORDERS, self.options.node)
        except NodeNameTakenError as error:
            self._fail(error)
            self._kill_all("lost")
            return
        if is_idle and not self.is_idle_told:
            self._wake_one()  # what came before the node was known to be idle was not announced
        self.is_idle_told = is_idle
        self.wanted = rows[0][0]
        self._adjust()
        await self._obey([Order(*row) for row in orders], told)
        await self._report_progress()

    async def _sign_on(self) -> None:
        try:
            await self._register(self.session.call)
        except AWAY as error:
            raise NoDatabaseError(
                "the database cannot be reached",
                detail=f"{type(error).__name__}: {error}",
                hint="see where it is looked for: pgdispatch dsn",
            ) from error

    async def _register(self, ask: Callable[..., Awaitable[object]]) -> None:
        options = self.options
        deadline = time.monotonic() + 60
        while not self.stopping.is_set():
            try:
                await ask(
                    statements.REGISTER_NODE,
                    options.node,
                    self.incarnation,
                    options.processes,
                    self.types or (options.types and list(options.types)),
                    os.cpu_count(),
                    socket.gethostname(),
                    os.getpid(),
                    VERSION,
                )
                return
            except NodeNameTakenError as error:
                if time.monotonic() > deadline:
                    raise
                logger.warning("%s (%s); waiting for it to be given up", error, error.detail)
                await self._pause(2.0)

    async def _obey(self, orders: list[Order], told: list[Attempt]) -> None:
        decision = self.book.decide(orders, told, time.monotonic())
        for slot in self.slots.values():
            attempt = _attempt(slot)
            if attempt is None:
                continue
            if attempt in decision.stop:
                slot.ask_to_stop(decision.stop[attempt])
            elif attempt in decision.kill:
                slot.kill(decision.kill[attempt])
            elif attempt in decision.lost:
                logger.warning("%s: job %s was taken away, killed", slot.begin.name, slot.job)
                slot.kill("lost")
        for job, number in decision.orphans:
            logger.warning("%s: job %s has no process, given back", self.options.node, job)
            await self._refusable(statements.REQUEUE, job, number)

    async def _report_progress(self) -> None:
        for slot in list(self.slots.values()):
            if slot.progress is not None and slot.job is not None:
                percent, note = slot.progress
                slot.progress = None
                await self._refusable(statements.PROGRESS, slot.job, slot.attempt, percent, note)

    async def _refusable(self, statement: str, *values: object) -> None:
        try:
            await self.session.call(statement, *values)
        except StaleAttemptError as error:
            logger.info("%s", error.message)

    def _adjust(self) -> None:
        if self.stopping.is_set():
            return
        for number in range(1, self.wanted + 1):
            if number not in self.slots:
                self._start(number)
        for number, slot in self.slots.items():
            if number > self.wanted and not slot.retires:
                slot.retires = True
                slot.send("drain")

    def _start(self, number: int, *, pause: float = 0.0) -> None:
        options = self.options
        begin = Begin(
            name=f"{options.node}:{number}",
            dsn=options.dsn,
            apps=options.apps,
            types=options.types,
            config=None if options.config is None else str(options.config),
        )
        slot = Slot(number=number, begin=begin, on_message=self._on_message)
        self.slots[number] = slot
        self._spawn(self._watch(slot, pause))

    async def _watch(self, slot: Slot, pause: float) -> None:
        await self._pause(pause)
        if not self.stopping.is_set():
            status = await slot.run()
            try:
                await self._report_end(slot, status)
            except PgdispatchError as error:  # then its job shows as an orphan
                logger.error("%s: %s", slot.begin.name, error)
        del self.slots[slot.number]
        if not self.stopping.is_set() and not slot.retires:
            self._start(slot.number, pause=0.0 if slot.was_ready else RESTART_PAUSE)

    async def _report_end(self, slot: Slot, status: int) -> None:
        name = slot.begin.name
        attempt = _attempt(slot)
        if not slot.retires or status != 0:
            logger.warning("%s %s", name, _describe(status))
        if attempt is not None and slot.killed_for != "lost":
            try:
                if slot.killed_for == "draining":
                    await self.session.insist(statements.REQUEUE, *attempt)
                else:
                    failed_as = "timed out" if slot.killed_for == "timed out" else "killed"
                    error = f"backgrounder {name} {_describe(status)}"
                    if slot.killed_for is not None:
                        error = f"killed after it was asked to stop: {slot.killed_for}"
                    await self.session.insist(
                        statements.FAIL, *attempt, error, failed_as, None, False, None
                    )
            except StaleAttemptError as refusal:
                logger.info("%s", refusal.message)
        await self.session.insist(statements.STOP_BACKGROUNDER, name)

    def _on_message(self, slot: Slot, message: Message) -> None:
        kind = message["is"]
        if kind == "ready":
            slot.was_ready = True
            self._spawn(self._welcome(slot, message["types"]))
        elif kind == "broken":
            self._fail(
                PgdispatchError(message["error"], detail=message["detail"], hint=message["hint"])
            )
        elif kind == "running":
            self._wake_one()
        elif kind == "idle" and not self.is_idle_told:
            self.beat_now.set()

    async def _welcome(self, slot: Slot, types: list[str]) -> None:
        if slot.process is None:
            return
        await self.session.insist(statements.START_BACKGROUNDER, slot.begin.name, slot.process.pid)
        if self.types != types:
            self.types = types
            await self._register(self.session.insist)
            logger.info(
                "node %s runs %s backgrounders for %s",
                self.options.node,
                self.wanted,
                ", ".join(types),
            )
        self.is_open = True
        slot.send("wake")

    def _on_notify(self, payload: str) -> None:
        if payload == "ready":
            self._wake_one()
        elif payload == f"node:{self.options.node}":
            self.beat_now.set()

    def _on_signal(self) -> None:
        if self.stopping.is_set():
            self.hurry.set()
        self.stopping.set()

    def _fail(self, error: PgdispatchError) -> None:
        if self.failure is None:
            self.failure = error
        self.stopping.set()

    def _idle(self) -> Slot | None:
        idle = [slot for slot in self.slots.values() if slot.state == "idle" and not slot.retires]
        return min(idle, key=lambda slot: slot.number, default=None)

    def _told(self) -> Iterable[Attempt]:
        return filter(None, map(_attempt, self.slots.values()))

    def _wake_one(self) -> None:
        slot = self._idle()
        if slot is not None and self.is_open and not self.stopping.is_set():
            slot.state = "woken"
            slot.send("wake")

    async def _poll(self) -> None:
        self._wake_one()

    async def _tend(self) -> None:
        lost = (await self.session.call(statements.DECLARE_LOST))[0][0]
        swept = (await self.session.call(statements.SWEEP))[0][0]
        if lost or swept:
            logger.warning("took back %s jobs of lost nodes, swept %s", lost, swept)

    async def _roll(self) -> None:
        await self.session.call(statements.ROLL_HISTORY)

    async def _every(
        self, seconds: float, chore: Callable[[], Awaitable[None]], now: asyncio.Event | None = None
    ) -> None:
        while True:
            try:
                await chore()
            except AWAY as error:
                logger.warning("%s: the database is away: %s", self.options.node, error)
            except PgdispatchError as error:
                logger.error("%s: %s", self.options.node, error)
            wait = seconds * random.uniform(0.8, 1.2)  # noqa: S311  # jitter
            if now is None:
                await asyncio.sleep(wait)
            else:
                await _wait(now, wait)
                now.clear()

    async def _drain(self) -> None:
        for slot in self.slots.values():
            slot.retires = True
            slot.send("drain")
        if self.watchers:
            logger.info("stopping; running jobs have %g s to finish", self.options.grace)
        await self._wait_for_processes(self.options.grace)
        for slot in self.slots.values():
            slot.ask_to_stop("draining")
        await self._wait_for_processes(STOP_GRACE)
        self._kill_all("draining")
        if self.watchers:
            await asyncio.wait(self.watchers, timeout=LAST_WORDS)

    async def _wait_for_processes(self, seconds: float) -> None:
        if not self.watchers or self.hurry.is_set():
            return
        hurried = asyncio.create_task(self.hurry.wait())
        ended = asyncio.create_task(asyncio.wait(set(self.watchers)))
        await asyncio.wait({hurried, ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        ended.cancel()

    def _kill_all(self, reason: str) -> None:
        for slot in self.slots.values():
            slot.kill(reason)

    async def _say_goodbye(self) -> None:
        for task in self.watchers:
            task.cancel()
        try:
            await self.session.call(statements.DEREGISTER_NODE, self.options.node, self.incarnation)
        except (*AWAY, PgdispatchError) as error:
            logger.warning("%s: could not sign off: %s", self.options.node, error)
        await self.session.close()

    async def _pause(self, seconds: float) -> None:
        if seconds:
            await _wait(self.stopping, seconds)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self.watchers.add(task)
        task.add_done_callback(self.watchers.discard)

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except PgdispatchError as error:
            self._fail(error)
        except OSError as error:
            self._fail(PgdispatchError(f"cannot start a backgrounder: {error}"))


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), timeout=seconds)
    except TimeoutError:
        return


def _attempt(slot: Slot) -> Attempt | None:
    return None if slot.job is None or slot.attempt is None else (slot.job, slot.attempt)


def _describe(status: int) -> str:
    if status < 0:
        return f"was killed by signal {-status} ({signal.Signals(-status).name})"
    return f"exited with status {status}"


def serve(options: SupervisorOptions) -> int:
    """Run the supervisor of a node until a signal stops it; return the exit status.

    SIGTERM or SIGINT: no new claims, running jobs get the grace to finish, then go back to the
    queue. A second one: at once. Raises `PgdispatchError` if the node cannot serve.
    """
    asyncio.run(Supervisor(options).run())
    return 0
