"""The supervisor of one node: starts, watches and replaces its processes.

It gets jobs for all of them and reports their ends (see `turns`), sends one heartbeat, and stops or
kills jobs that were cancelled or overrun. It also takes its part in what the cluster needs done by
anybody: the clock, lost nodes, the sweep, the history. It has three connections, however many
backgrounders it has: turns; listening and heartbeat; what may take longer.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from contextlib import suppress
from functools import partial

from pgdispatch.database import statements
from pgdispatch.database.asyncpg_attempts import attempts
from pgdispatch.database.outage import Outage
from pgdispatch.database.session import AwayError, Session
from pgdispatch.errors import (
    ConfigurationError,
    ConfinedError,
    InvalidInputError,
    NodeNameTakenError,
    PgdispatchError,
    SchemaMismatchError,
)
from pgdispatch.host.processors import available_processors
from pgdispatch.ipc.secrecy import hide
from pgdispatch.ipc.tally import Tally
from pgdispatch.node import scheduler
from pgdispatch.node.application_servers import ApplicationServers
from pgdispatch.node.backgrounders import Backgrounders
from pgdispatch.node.endings import Endings, Seen
from pgdispatch.node.forecasts import Forecasts
from pgdispatch.node.job_logs import JobLogs
from pgdispatch.node.job_processes import JobProcesses
from pgdispatch.node.listener import address_of, open_listener
from pgdispatch.node.maintenance import Maintenance
from pgdispatch.node.options import SupervisorOptions
from pgdispatch.node.periodic import PeriodicTasks
from pgdispatch.node.reconcile import Order, Reconciler
from pgdispatch.node.registration import Registration
from pgdispatch.node.sd_notify import Notifier, take_notifier
from pgdispatch.node.service_status import ServiceStatus
from pgdispatch.node.tracing import open_spans
from pgdispatch.node.turns import ANSWER_WITHIN, Turns

logger = logging.getLogger("pgdispatch")

HEARTBEAT_EVERY = 1.5
URGENT_EVERY = 0.5  # near the end of a drain
BEAT_PATIENCE = 5.0  # a dead connection is noticed, and made anew, well within the usual lease
POLL_EVERY = 1.0
ROLL_CALL_EVERY = 4.0
TEND_EVERY = 2.0
COUNT_EVERY = 1.0
PROGRESS_EVERY = 0.4  # with as much in the process it is never older than a second
LOG_EVERY = 1.0
LOOK_EVERY = 0.5
SPEAK_EVERY = 1.0
ROLL_EVERY = 3600.0
FORECAST_EVERY = 3.0  # it is asked whether one is due
CHECK_EVERY = 30.0  # installers tell at once whoever listens
LAST_WORDS = 10.0


class Supervisor:
    """One run of a supervisor. `listener` is where its application servers listen."""

    def __init__(
        self, options: SupervisorOptions, *, listener: socket.socket, notifier: Notifier
    ) -> None:
        """Put the parts together; nothing connects or starts yet."""
        self.options = options
        self.failure: PgdispatchError | None = None
        self.is_idle_told = False
        self.stopping, self.hurry, self.beat_now, self.check_now = (asyncio.Event() for _ in "1234")
        self.reconciler, self.tally = Reconciler(), Tally()
        self.outage = Outage(options.node, is_quiet=True)
        connect = partial(Session, options.dsn, outage=self.outage)
        name = f"{options.node} listens"
        self.session = connect(name=name, on_notify=self._hear, patience=BEAT_PATIENCE)
        self.side_session = connect(name=options.node)  # slow work, no heartbeat
        name = f"{options.node} turns"
        self.turn_session = connect(name=name, patience=ANSWER_WITHIN, prepares=True)
        self.endings = Endings(self.side_session)
        self.spans = open_spans(options.node, self.side_session)
        self.maintenance = Maintenance(options.node, self.side_session, self.tally, self.endings)
        self.forecasts = Forecasts(options.node, options.dsn, self.side_session)
        self.periodic = PeriodicTasks(options.node, self._fail)
        self.service_status = ServiceStatus(notifier, is_away=lambda: self.session.is_away)
        self.registration = Registration(
            session=self.session,
            node=options.node,
            processors=options.processors or available_processors(),
            backgrounders=options.processes,
            types=None if options.types is None else list(options.types),
            targets=options.targets(),
            stopping=self.stopping,
        )
        self.turns = self._make_turns()
        self.job_logs = JobLogs(options.node, self.side_session, self.turns.slots)
        self.backgrounders = self._make_backgrounders()
        self.job_processes = JobProcesses(self.backgrounders, self.backgrounders.begin.limits)
        self.application_servers = self._make_application_servers(listener)

    def _make_turns(self) -> Turns:
        return Turns(
            node=self.options.node,
            incarnation=self.registration.incarnation,
            session=self.turn_session,
            tally=self.tally,
            endings=self.endings,
            on_idle=self._on_idle,
            on_doubt=self.beat_now.set,
            spans=self.spans,
        )

    def _make_backgrounders(self) -> Backgrounders:
        return Backgrounders(
            begin=self.options.begin(),
            session=self.session,
            turns=self.turns,
            endings=self.endings,
            on_ready=self._on_ready,
            on_failure=self._fail,
            on_log=self.job_logs.add,
            grace=self.options.grace,
        )

    def _make_application_servers(self, listener: socket.socket) -> ApplicationServers:
        return ApplicationServers(
            node=self.options.node,
            dsn=self.options.dsn,
            listener=listener,
            session=self.session,
            on_ready=self._announce,
            tally=self.tally.as_message(),
        )

    async def run(self) -> None:
        """Serve until told to stop. Raises `PgdispatchError` if the node cannot serve."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
            loop.add_signal_handler(signal.SIGHUP, self._on_signal)
        node = self.options.node
        with self.outage.quiet():  # who starts the node is told in another way
            for attempt in await self.registration.sign_on():
                self.endings.add(attempt, Seen(node))
        self._start_periodic_tasks()
        self.periodic.run(self.turns.serve())
        try:
            await self.stopping.wait()
            await self._drain()
        finally:
            self.turns.stop()
            self.forecasts.end()
            await self.periodic.stop()
            await self._tell_last_ends()
            await self.turn_session.close()
            await self.side_session.close()
            for task in self.backgrounders.pool.tasks:
                task.cancel()
            self.job_processes.end()
            await self.registration.sign_off()
            await self.session.close()
            if self.spans is not None:
                await self.spans.close()
        if self.failure is not None:
            raise self.failure

    def _start_periodic_tasks(self) -> None:
        start = self.periodic.start
        start(HEARTBEAT_EVERY, self._beat, self.beat_now)
        start(POLL_EVERY, self.turns.poll)
        start(ROLL_CALL_EVERY, self.backgrounders.call_roll)
        start(TEND_EVERY, self.maintenance.tend)
        start(COUNT_EVERY, self._count)
        start(PROGRESS_EVERY, self.backgrounders.report_progress)
        start(LOG_EVERY, self.job_logs.gather)
        start(LOOK_EVERY, self.job_processes.look)
        start(SPEAK_EVERY, self.application_servers.speak)
        start(ROLL_EVERY, self.maintenance.roll)
        start(FORECAST_EVERY, self.forecasts.look)
        start(scheduler.LONGEST, partial(scheduler.turn, self.side_session))
        start(CHECK_EVERY, self._check_schema, self.check_now)
        if self.spans is not None:
            start(COUNT_EVERY, self.spans.tell)
        start(self.service_status.every, self.service_status.feed)

    async def _drain(self) -> None:
        self.service_status.stopping()
        self.forecasts.end()
        if self.backgrounders.pool.tasks:
            logger.info("stopping; running jobs have %g s to finish", self.options.grace)
        try:
            await self.backgrounders.drain(self.hurry)
            if self.backgrounders.pool.tasks:
                await asyncio.wait(self.backgrounders.pool.tasks, timeout=LAST_WORDS)
        finally:
            await self.application_servers.drain()

    async def _beat(self) -> float | None:
        try:
            return await self._obey()
        finally:
            self.service_status.beat()
            self._announce()

    async def _obey(self) -> float | None:
        """Send the heartbeat, and do what the database says; return when to ask again, if soon."""
        told = list(self.backgrounders.attempts())
        is_idle = self.backgrounders.is_idle()
        self.is_idle_told = self.is_idle_told and is_idle  # who falls idle meanwhile beats anew
        node, incarnation = self.options.node, self.registration.incarnation
        try:
            rows = await self.session.call(statements.HEARTBEAT, node, incarnation, is_idle)
            orders = await self.session.call(statements.NODE_ATTEMPTS, node)
        except NodeNameTakenError as error:
            await self._come_back(error)
            return None
        if is_idle and not self.is_idle_told:
            # what came before the node was known to be idle was not announced
            self.turns.due.set()
        self.is_idle_told = is_idle
        backgrounders, application_servers = rows[0]
        if self.backgrounders.pool.wanted is None:
            self._tell_size(backgrounders)
        self.backgrounders.pool.adjust(backgrounders)
        self.application_servers.pool.adjust(application_servers)
        decision = self.reconciler.decide([Order(*row) for row in orders], told, time.monotonic())
        self.backgrounders.obey(decision)
        self.backgrounders.give_back(decision.orphans)
        return URGENT_EVERY if decision.is_urgent else None

    async def _come_back(self, error: NodeNameTakenError) -> None:
        """Go on if the node was only forgotten; stop if another supervisor has its name."""
        if await self.registration.renew():
            await self.backgrounders.tell_all()
            self.application_servers.tell_all()
        else:
            self._fail(error)
            self.backgrounders.kill_all("lost")
            self.turns.give_up()

    async def _count(self) -> None:
        await self.maintenance.count()
        self.application_servers.tell(self.tally.as_message())
        await self.endings.tell()

    async def _tell_last_ends(self) -> None:
        with suppress(AwayError, PgdispatchError):
            await self.job_logs.write()
            await self.endings.tell()
            if self.spans is not None:
                await self.spans.tell()

    async def _check_schema(self) -> None:
        """Stop, with the usual grace, when an upgrade has left this version behind."""
        try:
            await self.registration.check_schema(self.side_session)
            await self.registration.report_clock(self.side_session)
            await self.registration.report_targets(self.side_session)
        except SchemaMismatchError as error:
            self._fail(error)

    async def _on_ready(self, types: list[str]) -> None:
        await self.registration.tell_types(types)
        self.beat_now.set()

    def _tell_size(self, backgrounders: int) -> None:
        """Say how many backgrounders there will be, if that is not what the command line says."""
        told, node = self.options.processes, self.options.node
        if told not in (None, backgrounders):
            logger.warning(
                "%s: runs %s backgrounders, as it is set to; --backgrounders %s is for a new node; "
                "to change it: pgdispatch node change %s --backgrounders %s",
                *(node, backgrounders, told, node, told),
            )

    def _announce(self) -> None:
        self.service_status.report(self.backgrounders, self.application_servers)

    def _on_idle(self) -> None:
        if not self.is_idle_told:
            self.beat_now.set()

    def _hear(self, payload: str) -> None:
        if payload == "ready":
            self.turns.due.set()
        elif payload == f"node:{self.options.node}":
            self.beat_now.set()
        elif payload == "schema":
            self.check_now.set()

    def _on_signal(self) -> None:
        if self.stopping.is_set():
            self.hurry.set()
        self._stop()

    def _fail(self, error: PgdispatchError) -> None:
        self.failure = self.failure or error
        self._stop()

    def _stop(self) -> None:
        self.stopping.set()
        self.backgrounders.pool.stopping.set()


def serve(options: SupervisorOptions, *, notifier: Notifier | None = None) -> int:
    """Run the supervisor of a node until a signal stops it; return the exit status.

    SIGTERM, SIGINT or SIGHUP: no new claims, running jobs get the grace to finish, then go back to
    the queue. A second one: at once. Raises `ConfigurationError` if what the node was given is
    wrong, and another `PgdispatchError` if it cannot serve for other reasons.
    """
    hide()
    notifier = notifier or take_notifier()
    try:
        with open_listener(options.listen) as listener:
            logger.info("health and metrics: http://%s/", address_of(listener))
            asyncio.run(_run(options, listener, notifier))
    except (InvalidInputError, ConfinedError) as error:
        raise ConfigurationError(error.message, detail=error.detail, hint=error.hint) from error
    return 0


async def _run(options: SupervisorOptions, listener: socket.socket, notifier: Notifier) -> None:
    attempts(options.dsn)  # refuses a wrong connection string at once
    await Supervisor(options, listener=listener, notifier=notifier).run()
