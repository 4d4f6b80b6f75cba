"""One background process: claim a job, run it, finish it and claim the next.

Started by the supervisor, which it talks to over an inherited socket; when that closes, the
process and everything it started end at once. It ends, too, when it finds that a handler has cut it
off from its supervisor: it is replaced then.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NoReturn

import psycopg

from pgdispatch.backgrounder import runner, termination, verbs
from pgdispatch.backgrounder.connection import Connection, ExhaustedError, GaveUpError, is_exhausted
from pgdispatch.backgrounder.forked import leave_if_forked
from pgdispatch.backgrounder.handler_sources import load
from pgdispatch.backgrounder.leftovers import ProcessState
from pgdispatch.backgrounder.prepared import Caller
from pgdispatch.backgrounder.verbs import AGAIN, NOTHING, Verdict
from pgdispatch.backgrounder.wear import Wear
from pgdispatch.errors import InvalidInputError, PgdispatchError, StaleAttemptError, WrongStateError
from pgdispatch.handler import Context, Handlers, Job, storable
from pgdispatch.host import log_lines, procfs
from pgdispatch.host.limits import Limits
from pgdispatch.ipc.channel import Channel, Message
from pgdispatch.ipc.lifeline import die_with_parent, end_group
from pgdispatch.ipc.logbook import Logbook, Outcome
from pgdispatch.ipc.reporting import Progress, Reporter
from pgdispatch.ipc.secrecy import take_begin
from pgdispatch.ipc.statuses import CUT_OFF, END_REFUSED, EXHAUSTED, WORDS, WORN

logger = logging.getLogger("pgdispatch")

PATIENCE = 10  # claims in a row that were told to ask again at once, as rivals were in the way
CONTENDED_PAUSE = 0.05
REFUSED_PAUSES = (0.5, 30.0)  # after claims that were refused: at first, and at most
LONGEST_ERROR = 8000
LONGEST_REFUSAL = 1000  # of each of three texts: the supervisor reads no line above 64 KiB

Report = Callable[[Caller], Verdict]


@dataclass
class Backgrounder:
    """The state of the process: its connection, its stop events and the job in hand.

    `wear`: what its jobs have made of it. `state`: what each of them finds, and leaves.
    """

    name: str
    types: list[str]
    handlers: Handlers
    channel: Channel
    logbook: Logbook
    connection: Connection
    wear: Wear = field(default_factory=Wear)
    state: ProcessState = field(default_factory=ProcessState)
    owner: int = field(default_factory=os.getpid)
    draining: threading.Event = field(default_factory=threading.Event)
    woken: threading.Event = field(default_factory=threading.Event)
    context: Context | None = None
    reporter: Reporter | None = None
    is_leaving: bool = False
    refusal: str | None = None
    refused_pause: float = REFUSED_PAUSES[0]

    def serve(self) -> None:
        """Claim and run jobs, from the first wake-up until told to drain, or worn out."""
        verdict = NOTHING
        in_vain = 0
        while True:
            if verdict.job is not None:
                in_vain = 0
                verdict = self.run(verdict.job)
                if self.wear.reason is not None:
                    return
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
        """Ask for a job, giving back one whose claim was never answered.

        Whatever the database refuses it for, it is asked again, after a pause that grows.
        """
        try:
            return self._claim_or_recover()
        except (GaveUpError, ExhaustedError):
            raise
        except Exception as error:  # the database's, or of an answer that cannot be read
            self._wait_after(error)
            return AGAIN

    def _claim_or_recover(self) -> Verdict:
        try:
            verdict = self.connection.call(self._claim_unless_draining, give_up=self.draining)
        except WrongStateError:
            logger.warning("%s: gives back a job whose claim was not answered", self.name)
            self.connection.call(lambda caller: verbs.recover(caller, backgrounder=self.name))
            return AGAIN
        self.refusal, self.refused_pause = None, REFUSED_PAUSES[0]
        return verdict

    def _wait_after(self, refusal: Exception) -> None:
        text = _words(refusal)
        if text != self.refusal:
            logger.error("%s: gets no job: %s", self.name, text)
        self.refusal = text
        self.draining.wait(self.refused_pause)
        self.refused_pause = min(self.refused_pause * 2, REFUSED_PAUSES[1])

    def _claim_unless_draining(self, caller: Caller) -> Verdict:
        if self.draining.is_set():  # it may have taken long to connect
            return NOTHING
        return verbs.claim(caller, backgrounder=self.name, types=self.types)

    def run(self, job: Job) -> Verdict:
        """Run one attempt, report how it ended, and return what was claimed along with that."""
        self.context = Context(job, _report=partial(self._note_progress, job))
        start = (procfs.own_resident(), procfs.tick()) if self.wear.limits.memory else (0, 0)
        self.logbook.begin((job.id, job.attempt), self.types.index(job.type), start)
        ending = runner.run(self.context, self.handlers)
        leave_if_forked(self.owner)
        ending = self._put_back(ending)
        if not self.channel.is_intact():
            self.leave(CUT_OFF)
        if ending.outcome != "succeeded" and is_exhausted():  # nor would the next job get any
            logger.warning("%s has no descriptor left, replaced", self.name)
            ending = replace(ending, exits=True)
        self.wear.add_job()
        context, self.context = self.context, None
        reporter, self.reporter = self.reporter, None
        progress = None
        if reporter is not None and reporter.job is job:
            progress = reporter.end()
        outcome = _outcome(context, ending)
        refusals: list[str] = []
        try:
            verdict = self.report(context, ending, progress, refusals)
        except StaleAttemptError as error:
            logger.warning("%s: result dropped: %s (%s)", self.name, error.message, error.detail)
            verdict, outcome = NOTHING, Outcome.LOST
        self.logbook.end(Outcome.FAILED if refusals else outcome)
        if ending.exits:
            raise SystemExit(1)
        return verdict

    def _put_back(self, ending: runner.Ending) -> runner.Ending:
        """Put back what the handler has left different; where that fails the process ends."""
        try:
            self.state.put_back()
        except (OSError, ValueError) as error:
            logger.warning("%s cannot put its state back, replaced: %s", self.name, error)
            return replace(ending, exits=True)
        return ending

    def _note_progress(self, job: Job, percent: float, note: str | None) -> None:
        context = self.context
        if context is None or context.job is not job:  # a thread that has outlived its job
            return
        if self.reporter is None or self.reporter.job is not job:
            self.reporter = Reporter(job, self.channel)
        self.reporter.report(percent, note)

    def report(
        self,
        context: Context,
        ending: runner.Ending,
        progress: Progress | None,
        refusals: list[str],
    ) -> Verdict:
        """Tell the database how an attempt ended, for as long as it takes to get through.

        What it refuses to keep ends the attempt as failed with the text of that; and if it refuses
        that too, nothing is left but to end the process, whose supervisor sees to the job. What it
        refused is added to `refusals`.
        """
        for report in self._reports(context, ending, progress, refusals):
            try:
                return self.connection.call(report)
            except (StaleAttemptError, ExhaustedError):
                raise
            except Exception as error:  # the database's, or of a value that cannot be sent
                refusals.append(_words(error))
                logger.warning("%s: job %s: %s", self.name, context.job.id, refusals[-1])
        return self.leave(END_REFUSED)

    def _reports(
        self,
        context: Context,
        ending: runner.Ending,
        progress: Progress | None,
        refusals: list[str],
    ) -> Iterator[Report]:
        """Yield ways to say how an attempt ended, each with less in it that may be refused.

        `refusals` are those of the ones before. What is refused may be the claim of the next job.
        """
        if _outcome(context, ending) is Outcome.GIVEN_BACK:
            yield lambda caller: verbs.requeue(caller, job=context.job)
            return
        log = context._log_tail.text()
        claims = [True, False] if self._may_claim(ending) else [False]
        if ending.outcome == "succeeded":
            for claim in claims:
                yield self._finished(context.job, ending, log, progress, claim=claim)
            if progress is not None:  # its note is the handler's, too
                yield self._finished(context.job, ending, log, (progress[0], None), claim=False)
            error = f"its result was not kept: {refusals[-1]}"
            claims = [False]
        else:
            error = ending.error or "failed"
        is_overrun = ending.outcome == "stopped" and context.stop_requested == "timed out"
        failed_as = "timed out" if is_overrun else "error"
        for claim in claims:
            yield self._failed(context.job, error, failed_as, log, progress, claim=claim)
        plain = f"{error} (its end was not kept: {refusals[-1]})".encode("ascii", "replace")
        yield self._failed(context.job, plain.decode(), failed_as, None, None, claim=False)

    def _finished(
        self,
        job: Job,
        ending: runner.Ending,
        log: str | None,
        progress: Progress | None,
        *,
        claim: bool,
    ) -> Report:
        return lambda caller: verbs.finish(
            caller,
            job=job,
            result=ending.result,
            log=log,
            claim=claim,
            types=self.types,
            progress=progress,
        )

    def _failed(
        self,
        job: Job,
        error: str,
        failed_as: str,
        log: str | None,
        progress: Progress | None,
        *,
        claim: bool,
    ) -> Report:
        return lambda caller: verbs.fail(
            caller,
            job=job,
            error=storable(error)[:LONGEST_ERROR],
            failed_as=failed_as,
            log=log,
            claim=claim,
            types=self.types,
            progress=progress,
        )

    def ask_to_end(self) -> None:
        """Claim nothing more, and let the supervisor see to the job in hand. For any thread."""
        self.draining.set()
        self.channel.send("asked to end")
        self.woken.set()

    def leave(self, status: int) -> NoReturn:
        """End this process at once; its supervisor fails the job in hand with what that means."""
        logger.error("%s %s", self.name, WORDS[status])
        os._exit(status)

    def _may_claim(self, ending: runner.Ending) -> bool:
        return not (self.draining.is_set() or ending.exits or self.wear.reason)


def _outcome(context: Context, ending: runner.Ending) -> Outcome:
    if ending.outcome == "succeeded":
        return Outcome.SUCCEEDED
    is_stopped = ending.outcome == "stopped"
    if is_stopped and context.stop_requested in ("draining", "lost"):
        return Outcome.GIVEN_BACK
    return Outcome.FAILED


def _words(error: Exception) -> str:
    """Return what the database says, without where in its functions it says so."""
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        detail = error.diag.message_detail
        return error.diag.message_primary + (f" ({detail})" if detail else "")
    return error.message if isinstance(error, PgdispatchError) else runner.describe(error)


def _listen(channel: Channel, backgrounder: Backgrounder) -> None:
    """Obey the supervisor, in a thread of its own; die with it, and when it cannot be heard."""
    try:
        for message in channel.messages():
            _obey(backgrounder, channel, message)
    except BaseException as error:  # what is read there may be anything, if a handler closed it
        logger.error("%s: %s", backgrounder.name, runner.describe(error))
        backgrounder.leave(CUT_OFF)
    if not backgrounder.is_leaving:
        end_group()


def _obey(backgrounder: Backgrounder, channel: Channel, message: Message) -> None:
    kind = message["is"]
    context = backgrounder.context
    if kind == "drain":
        backgrounder.draining.set()
    elif kind == "ping":
        channel.send("pong")
    elif kind == "stop" and context is not None and context.job.id == message["job"]:
        context._request_stop(message["reason"])
    if kind in ("wake", "drain"):
        backgrounder.woken.set()


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
        connection=Connection(begin["dsn"], name=begin["name"], tell=channel.send),
        wear=Wear(Limits(**begin["limits"])),
    )


def main() -> None:
    """Serve the supervisor at the other end of a socket.

    Arguments: the numbers of that descriptor, of a pipe that ends with the supervisor, and of the
    file of the logbook; and the mark by which the supervisor knows it.
    """
    owner = os.getpid()
    lifeline, book = int(sys.argv[2]), int(sys.argv[3])
    die_with_parent(lifeline)
    for descriptor in (lifeline, book):
        os.set_inheritable(descriptor, False)  # not for what a handler starts
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log_lines.set_up()
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    begin = take_begin(channel)
    if begin is None:
        return
    try:
        backgrounder = _build(channel, Logbook(book), begin)
    except PgdispatchError as error:
        leave_if_forked(owner, error)
        texts = (error.message, error.detail, error.hint)
        said, detail, hint = (text and text[:LONGEST_REFUSAL] for text in texts)
        channel.send("broken", error=said, detail=detail, hint=hint)
        raise SystemExit(1) from None
    leave_if_forked(owner)  # an application that forks while it is imported
    termination.hear(backgrounder.ask_to_end)
    backgrounder.state = ProcessState()  # with what is heard
    channel.send("ready", types=backgrounder.types)
    threading.Thread(target=_listen, args=(channel, backgrounder), daemon=True).start()
    try:
        backgrounder.serve()
        if backgrounder.wear.reason is not None:
            level = logging.DEBUG if backgrounder.wear.limits.recycle_jobs == 1 else logging.INFO
            logger.log(level, "%s %s, replaced", backgrounder.name, backgrounder.wear.reason)
            raise SystemExit(WORN)
    except GaveUpError:
        logger.warning("%s: ended before the database was back", backgrounder.name)
    except ExhaustedError:
        backgrounder.leave(EXHAUSTED)
    finally:
        backgrounder.connection.close()
        backgrounder.is_leaving = True  # threads of handlers may keep the process from its end
        channel.close()


if __name__ == "__main__":
    main()
