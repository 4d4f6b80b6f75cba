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
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from pgdispatch import statements
from pgdispatch.crew import Crew, wait_for
from pgdispatch.errors import NoDatabaseError, NodeNameTakenError, PgdispatchError
from pgdispatch.orders import Order, OrderBook
from pgdispatch.session import AWAY, Session
from pgdispatch.slot import Begin
from pgdispatch.version import VERSION

logger = logging.getLogger("pgdispatch")

HEARTBEAT_EVERY = 2.0
POLL_EVERY = 1.0
TEND_EVERY = 2.0
ROLL_EVERY = 3600.0
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
    types: list[str] | None = None
    is_idle_told: bool = False
    failure: PgdispatchError | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    beat_now: asyncio.Event = field(default_factory=asyncio.Event)
    book: OrderBook = field(default_factory=OrderBook)

    def __post_init__(self) -> None:
        """Make the session and the crew; the session connects on its first call."""
        options = self.options
        self.session = Session(options.dsn, name=options.node, on_notify=self._on_notify)
        self.crew = Crew(
            begin=Begin(
                name=options.node,
                dsn=options.dsn,
                apps=options.apps,
                types=options.types,
                config=None if options.config is None else str(options.config),
            ),
            session=self.session,
            on_ready=self._on_ready,
            on_idle=self._on_idle,
            on_failure=self._fail,
        )

    async def run(self) -> None:
        """Serve until told to stop. Raises `PgdispatchError` if the node cannot serve."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        await self._sign_on()
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
            if self.crew.tasks:
                logger.info("stopping; running jobs have %g s to finish", self.options.grace)
            await self.crew.drain(grace=self.options.grace, hurry=self.hurry, last_grace=STOP_GRACE)
            if self.crew.tasks:
                await asyncio.wait(self.crew.tasks, timeout=LAST_WORDS)
        finally:
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)
            await self._sign_off()
        if self.failure is not None:
            raise self.failure

    async def beat(self) -> None:
        """Send the heartbeat and progress, and do what the database says."""
        told = list(self.crew.attempts())
        is_idle = self.crew.is_idle()
        try:
            rows = await self.session.call(
                statements.HEARTBEAT, self.options.node, self.incarnation, is_idle
            )
            orders = await self.session.call(statements.NODE_ORDERS, self.options.node)
        except NodeNameTakenError as error:
            self._fail(error)
            self.crew.kill_all("lost")
            return
        if is_idle and not self.is_idle_told:
            self.crew.wake_one()  # what came before the node was known to be idle was not announced
        self.is_idle_told = is_idle
        self.crew.adjust(rows[0][0])
        decision = self.book.decide([Order(*row) for row in orders], told, time.monotonic())
        self.crew.obey(decision)
        for job, number in decision.orphans:
            logger.warning("%s: job %s has no process, given back", self.options.node, job)
            await self.session.refusable(statements.REQUEUE, job, number)
        await self.crew.report_progress()

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
                await wait_for(self.stopping, 2.0)

    async def _on_ready(self, types: list[str]) -> None:
        if self.types != types:
            self.types = types
            await self._register(self.session.insist)
            logger.info("node %s serves %s", self.options.node, ", ".join(types))

    def _on_idle(self) -> None:
        if not self.is_idle_told:
            self.beat_now.set()

    def _on_notify(self, payload: str) -> None:
        if payload == "ready":
            self.crew.wake_one()
        elif payload == f"node:{self.options.node}":
            self.beat_now.set()

    def _on_signal(self) -> None:
        if self.stopping.is_set():
            self.hurry.set()
        self._stop()

    def _fail(self, error: PgdispatchError) -> None:
        if self.failure is None:
            self.failure = error
        self._stop()

    def _stop(self) -> None:
        self.stopping.set()
        self.crew.stopping.set()

    async def _poll(self) -> None:
        self.crew.wake_one()

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
                await wait_for(now, wait)
                now.clear()

    async def _sign_off(self) -> None:
        for task in self.crew.tasks:
            task.cancel()
        try:
            await self.session.call(statements.DEREGISTER_NODE, self.options.node, self.incarnation)
        except (*AWAY, PgdispatchError) as error:
            logger.warning("%s: could not sign off: %s", self.options.node, error)
        await self.session.close()


def serve(options: SupervisorOptions) -> int:
    """Run the supervisor of a node until a signal stops it; return the exit status.

    SIGTERM or SIGINT: no new claims, running jobs get the grace to finish, then go back to the
    queue. A second one: at once. Raises `PgdispatchError` if the node cannot serve.
    """
    asyncio.run(Supervisor(options).run())
    return 0
