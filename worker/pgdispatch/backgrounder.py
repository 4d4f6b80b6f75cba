"""One background process: claim a job, run it, finish it and claim the next.

Started by the supervisor, which it talks to over an inherited socket; when that closes, the
process and everything it started end at once.
"""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pgdispatch import running, verbs
from pgdispatch.applications import load
from pgdispatch.caller import Caller
from pgdispatch.channel import Channel, Message
from pgdispatch.errors import InvalidInputError, PgdispatchError, StaleAttemptError, WrongStateError
from pgdispatch.handler import Context, Handlers, Job, storable
from pgdispatch.lifeline import die_with_parent, end_group
from pgdispatch.link import GaveUpError, Link
from pgdispatch.logbook import Logbook
from pgdispatch.verbs import AGAIN, NOTHING, Verdict

logger = logging.getLogger("pgdispatch")

PROGRESS_EVERY = 0.5
PATIENCE = 10  # claims in a row that were told to ask again at once, as rivals were in the way
CONTENDED_PAUSE = 0.05


@dataclass
class Backgrounder:
    """The state of the process: its connection, its stop events and the job in hand."""

    name: str
    types: list[str]
    handlers: Handlers
    channel: Channel
    logbook: Logbook
    link: Link
    draining: threading.Event = field(default_factory=threading.Event)
    woken: threading.Event = field(default_factory=threading.Event)
    context: Context | None = None

    def serve(self) -> None:
        """Claim and run jobs, from the first wake-up until told to drain."""
        verdict = NOTHING
        in_vain = 0
        while True:
            if verdict.job is not None:
                in_vain = 0
                verdict = self.run(verdict.job)
                continue
            in_vain = in_vain + 1 if verdict.again and not verdict.more else 0
            if in_vain > PATIENCE:
                self.draining.wait(CONTENDED_PAUSE)
            if not verdict.again:
                self.channel.send("idle")
                self.woken.wait()
                self.woken.clear()
            if self.draining.is_set():
                return
            verdict = self.claim()
            if verdict.job is not None:
                self.channel.send("busy", more=verdict.more)

    def claim(self) -> Verdict:
        """Ask for a job, giving back one whose claim was never answered."""
        try:
            return self.link.call(self._claim_unless_draining, give_up=self.draining)
        except WrongStateError:
            logger.warning("%s: gives back a job whose claim was not answered", self.name)
            self.link.call(lambda caller: verbs.recover(caller, backgrounder=self.name))
            return AGAIN

    def _claim_unless_draining(self, caller: Caller) -> Verdict:
        if self.draining.is_set():  # it may have taken long to connect
            return NOTHING
        return verbs.claim(caller, backgrounder=self.name, types=self.types)

    def run(self, job: Job) -> Verdict:
        """Run one attempt, report how it ended, and return what was claimed along with that."""
        self.context = Context(job, report=self._reporter(job))
        self.logbook.begin((job.id, job.attempt), self.types.index(job.type))
        ending = running.run(self.context, self.handlers)
        context, self.context = self.context, None
        try:
            verdict = self.report(context, ending)
        except StaleAttemptError as error:
            logger.warning("%s: result dropped: %s (%s)", self.name, error.message, error.detail)
            verdict = NOTHING
        self.logbook.end()
        if ending.exits:
            raise SystemExit(1)
        return verdict

    def report(self, context: Context, ending: running.Ending) -> Verdict:
        """Tell the database how an attempt ended, for as long as it takes to get through."""
        reason = context.stop_requested
        log = context.log_tail.text()
        job = context.job
        if ending.outcome == "succeeded":
            return self.link.call(
                lambda caller: verbs.finish(
                    caller,
                    job=job,
                    result=ending.result,
                    log=log,
                    claim=self._may_claim(ending),
                    types=self.types,
                )
            )
        if ending.outcome == "stopped" and reason in ("draining", "lost"):
            self.link.call(lambda caller: verbs.requeue(caller, job=job))
            return NOTHING
        is_overrun = ending.outcome == "stopped" and reason == "timed out"
        return self.link.call(
            lambda caller: verbs.fail(
                caller,
                job=job,
                error=storable(ending.error or "failed"),
                failed_as="timed out" if is_overrun else "error",
                log=log,
                claim=self._may_claim(ending),
                types=self.types,
            )
        )

    def _may_claim(self, ending: running.Ending) -> bool:
        return not (self.draining.is_set() or ending.exits)

    def _reporter(self, job: Job) -> Callable[[float, str | None], None]:
        last = -PROGRESS_EVERY

        def report(percent: float, note: str | None) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= PROGRESS_EVERY or percent >= 100:
                last = now
                self.channel.send(
                    "progress",
                    job=job.id,
                    attempt=job.attempt,
                    percent=percent,
                    note=None if note is None else storable(str(note))[:500],
                )

        return report


def _listen(channel: Channel, backgrounder: Backgrounder) -> None:
    """Obey the supervisor, in a thread of its own; die with it."""
    for message in channel.messages():
        kind = message["is"]
        context = backgrounder.context
        if kind == "drain":
            backgrounder.draining.set()
        elif kind == "stop" and context is not None and context.job.id == message["job"]:
            context.request_stop(message["reason"])
        if kind in ("wake", "drain"):
            backgrounder.woken.set()
    end_group()


def _build(channel: Channel, logbook: Logbook, begin: Message) -> Backgrounder:
    handlers = load(begin["apps"], begin["config"], dsn=begin["dsn"])
    wanted = begin["types"]
    types = handlers.types() if wanted is None else [t for t in handlers.types() if t in wanted]
    if not types:
        raise InvalidInputError(
            f"this node has no handler for {', '.join(wanted)}",
            detail=f"it has handlers for {', '.join(handlers.types())}",
            hint="name other types with --types, or other handlers with --app or --config",
        )
    return Backgrounder(
        name=begin["name"],
        types=types,
        handlers=handlers,
        channel=channel,
        logbook=logbook,
        link=Link(begin["dsn"], name=begin["name"]),
    )


def main() -> None:
    """Serve the supervisor at the other end of a socket.

    Arguments: the numbers of that descriptor, of a pipe that ends with the supervisor, and of the
    file of the logbook.
    """
    die_with_parent(int(sys.argv[2]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    begin = channel.receive()
    if begin is None:
        return
    try:
        backgrounder = _build(channel, Logbook(int(sys.argv[3])), begin)
    except PgdispatchError as error:
        channel.send("broken", error=error.message, detail=error.detail, hint=error.hint)
        raise SystemExit(1) from None
    channel.send("ready", types=backgrounder.types)
    threading.Thread(target=_listen, args=(channel, backgrounder), daemon=True).start()
    try:
        backgrounder.serve()
    except GaveUpError:
        logger.warning("%s: ended before the database was back", backgrounder.name)
    finally:
        backgrounder.link.close()


if __name__ == "__main__":
    main()
