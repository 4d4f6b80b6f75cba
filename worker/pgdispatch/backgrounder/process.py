"""One background process: take a job, run it, say how it ended, and take the next.

Started by the supervisor, which it talks to over two inherited sockets (see `channel`); when they
close, the process and everything it started end at once. It has no connection to the queue. It
ends, too, when it finds that a handler has cut it off from its supervisor: it is replaced then.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NoReturn

from pgdispatch.backgrounder import runner, termination
from pgdispatch.backgrounder.forked import leave_if_forked
from pgdispatch.backgrounder.handler_sources import load
from pgdispatch.backgrounder.leftovers import ProcessState
from pgdispatch.backgrounder.output import JobOutput, OutputState
from pgdispatch.backgrounder.received import read_job
from pgdispatch.backgrounder.wear import Wear
from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.handler import LOG_KEEP, Context, Handlers, Job, Line, storable
from pgdispatch.host import log_lines, procfs
from pgdispatch.host.limits import Limits
from pgdispatch.ipc.begun import BegunPage
from pgdispatch.ipc.channel import Channel, Message
from pgdispatch.ipc.lifeline import die_with_parent, end_group
from pgdispatch.ipc.log_piece import pieces
from pgdispatch.ipc.reporting import Progress, Reporter
from pgdispatch.ipc.secrecy import take_begin
from pgdispatch.ipc.statuses import CUT_OFF, WORDS, WORN

logger = logging.getLogger("pgdispatch")

LONGEST_ERROR = 8000
LONGEST_REFUSAL = 1000  # of each of three texts: the supervisor reads no line without end


@dataclass
class Backgrounder:
    """The state of the process: its channels, and the job in hand.

    `jobs` is the channel for them, `control` the other. `wear`: what its jobs have made of it.
    `state` and `output_state`: what each of them finds, and leaves. `output`: where what it says
    goes; `is_echoing`: to the log of the node, too. `stop`: the last one that was asked for;
    `drained`: the last word on whether the node drains. `is_draining`: it is to end after the job.
    `telling`: held by the thread that tells what was logged.
    """

    name: str
    types: list[str]
    handlers: Handlers
    control: Channel
    jobs: Channel
    begun: BegunPage
    wear: Wear = field(default_factory=Wear)
    state: ProcessState = field(default_factory=ProcessState)
    output: JobOutput = field(default_factory=JobOutput)
    output_state: OutputState = field(default_factory=OutputState)
    is_echoing: bool = False
    owner: int = field(default_factory=os.getpid)
    context: Context | None = None
    reporter: Reporter | None = None
    stop: Message | None = None
    drained: Message | None = None
    is_draining: bool = False
    is_leaving: bool = False
    telling: threading.Lock = field(default_factory=threading.Lock)

    def settle(self, output: JobOutput) -> None:
        """Take over what is said and heard here, and note how each job is to find it."""
        output.ensure()
        self.output, self.output_state = output, OutputState()
        self.is_echoing = log_lines.is_echoing()
        termination.hear(self.ask_to_end)
        self.state = ProcessState()  # with what is heard

    def serve(self) -> None:
        """Run the jobs that come, until no more do, or worn out."""
        while self.wear.reason is None:
            message = self._next()
            if message is None:
                return
            if message["is"] == "run":
                self._take(message)
            else:
                self.jobs.send("pong")

    def _next(self) -> Message | None:
        try:
            return self.jobs.receive()
        except (OSError, ValueError) as error:  # something else is there, or nothing
            logger.error("%s: %s", self.name, runner.describe(error))
            self.leave(CUT_OFF)

    def _take(self, message: Message) -> None:
        """Run one attempt; it has begun before anything that it brings is looked at."""
        start = (procfs.own_resident(), procfs.tick()) if self.wear.limits.memory else (0, 0)
        self.begun.note((message["job"], message["attempt"]), start)
        self.run(read_job(message, self.jobs.value(message), self.name))

    def run(self, job: Job) -> None:
        """Run one attempt, and say how it ended."""
        context = Context(job, _report=partial(self._note_progress, job))
        context._log.keep = self.wear.limits.log_keep or LOG_KEEP
        if self.is_echoing:
            context._log.echo = partial(self._echo, job)
        self.context = self.output.context = context
        if self.is_draining:
            context._drain()
        if self.stop is not None:  # it may have been faster than the job
            self.ask_to_stop(self.stop)
        if self.drained is not None:  # likewise
            self.note_drained(self.drained)
        ending = runner.run(context, self.handlers)
        leave_if_forked(self.owner)
        self.output.end_lines()
        self.output_state.put_back()
        ending = self._put_back(ending)
        if not self.control.is_intact():  # of the other one its end will tell
            self.leave(CUT_OFF)
        if ending.outcome != "succeeded" and _is_exhausted():  # nor would the next job get any
            logger.warning("%s has no descriptor left, replaced", self.name)
            ending = replace(ending, exits=True)
        self.wear.add_job()
        self.context = self.output.context = None
        reporter, self.reporter = self.reporter, None
        progress = None
        if reporter is not None and reporter.job is job:
            progress = reporter.end()
        self._say_end(context, ending, progress)
        if ending.exits:
            raise SystemExit(1)

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
            self.reporter = Reporter(job, self.control)
        self.reporter.report(percent, note)

    def _say_end(self, context: Context, ending: runner.Ending, progress: Progress | None) -> None:
        """Say how an attempt ended; what there is not to say is left out."""
        job = context.job
        said: dict[str, Any] = {"outcome": _outcome(context, ending)}
        value = None if ending.text is None else ending.text.encode()
        if said["outcome"] in ("retry", "snoozed"):
            value = str(ending.again_after).encode()
        if said["outcome"] != "succeeded":
            said["error"] = storable(ending.error or "failed")[:LONGEST_ERROR]
        with self.telling:
            self._tell_log(job, context._log.rest())
        log = context._log.text()
        if log is not None:
            said["log"] = log
        if progress is not None:
            said["percent"], said["note"] = progress
        if ending.exits or self.wear.reason is not None:
            said["leaves"] = True
        if not self.jobs.send("ended", value=value, job=job.id, attempt=job.attempt, **said):
            self.leave(CUT_OFF)

    def _echo(self, job: Job, line: str) -> None:
        facts = {"job": job.id, "attempt": job.attempt, "backgrounder": self.name}
        logger.info("%s: job %s: %s", self.name, job.id, line, extra={"facts": facts})

    def drain(self) -> None:
        """Let the handler know that this process is to end after its job. For any thread."""
        self.is_draining = True
        context = self.context
        if context is not None:
            context._drain()

    def note_drained(self, said: Message) -> None:
        """Let the handler of the attempt named know whether its node drains. For any thread."""
        context = self.context
        if context is not None and [context.job.id, context.job.attempt] == said["attempt"]:
            context._drain(self.is_draining or said["is_drained"])

    def ask_to_stop(self, stop: Message) -> None:
        """Ask the handler to stop if it has the attempt named. For any thread."""
        context = self.context
        if context is not None and [context.job.id, context.job.attempt] == stop["attempt"]:
            context._request_stop(stop["reason"])

    def tell_log(self, asked: Message) -> None:
        """Tell what was logged since the last time, by the attempt named. For any thread."""
        with self.telling:
            context = self.context
            if context is not None and [context.job.id, context.job.attempt] == asked["attempt"]:
                self._tell_log(context.job, context._log.take(asked["most"], time.monotonic()))
        self.control.send("logged")

    def _tell_log(self, job: Job, lines: list[Line]) -> None:
        for first, last, text in pieces(lines):
            facts = {"job": job.id, "attempt": job.attempt, "first": first, "last": last}
            self.control.send("log", value=text, **facts)

    def ask_to_end(self) -> None:
        """Let the supervisor see to the end of this process. For any thread."""
        self.control.send("asked to end")

    def leave(self, status: int) -> NoReturn:
        """End this process at once; its supervisor fails the job in hand with what that means."""
        logger.error("%s %s", self.name, WORDS[status])
        os._exit(status)


def _outcome(context: Context, ending: runner.Ending) -> str:
    """Return how an attempt ended, in the words of `pgdispatch.turn`."""
    if ending.outcome in ("succeeded", "snoozed"):
        return ending.outcome
    if ending.is_final:
        return "failed"
    if ending.again_after is not None:
        return "retry"
    if ending.outcome == "stopped" and context.stop_requested in ("draining", "lost"):
        return "given back"
    is_overrun = ending.outcome == "stopped" and context.stop_requested == "timed out"
    return "timed out" if is_overrun else "error"


def _is_exhausted() -> bool:
    """Tell whether this process has no descriptor left."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno == errno.EMFILE
    return False


def _listen(channel: Channel, backgrounder: Backgrounder) -> None:
    """Obey the supervisor, in a thread of its own; die with it, and when it cannot be heard."""
    try:
        for message in channel.messages():
            if message["is"] == "stop":
                backgrounder.stop = message
                backgrounder.ask_to_stop(message)
            elif message["is"] == "drained":
                backgrounder.drained = message
                backgrounder.note_drained(message)
            elif message["is"] == "drain":
                backgrounder.drain()
            elif message["is"] == "log":
                backgrounder.tell_log(message)
    except BaseException as error:  # what is read there may be anything, if a handler closed it
        logger.error("%s: %s", backgrounder.name, runner.describe(error))
        backgrounder.leave(CUT_OFF)
    if not backgrounder.is_leaving:
        end_group()


def _build(control: Channel, jobs: Channel, begun: BegunPage, begin: Message) -> Backgrounder:
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
        control=control,
        jobs=jobs,
        begun=begun,
        wear=Wear(Limits(**begin["limits"])),
    )


def main() -> None:
    """Serve the supervisor at the other end of two sockets.

    Arguments: the numbers of their descriptors, that for jobs being the second, of a pipe that ends
    with the supervisor, and of the page for what has begun; and the mark by which the supervisor
    knows it.
    """
    owner = os.getpid()
    lifeline, page = int(sys.argv[3]), int(sys.argv[4])
    die_with_parent(lifeline)
    for descriptor in (lifeline, page):
        os.set_inheritable(descriptor, False)  # not for what a handler starts
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log_lines.set_up()
    output = JobOutput()
    output.install()
    control, jobs = (Channel(socket.socket(fileno=int(number))) for number in sys.argv[1:3])
    begin = take_begin(control)
    if begin is None:
        return
    try:
        backgrounder = _build(control, jobs, BegunPage(page), begin)
    except PgdispatchError as error:
        leave_if_forked(owner, error)
        texts = (error.message, error.detail, error.hint)
        said, detail, hint = (text and text[:LONGEST_REFUSAL] for text in texts)
        control.send("broken", error=said, detail=detail, hint=hint)
        raise SystemExit(1) from None
    leave_if_forked(owner)  # an application that forks while it is imported
    backgrounder.settle(output)
    control.send("ready", types=backgrounder.types)
    threading.Thread(target=_listen, args=(control, backgrounder), daemon=True).start()
    try:
        backgrounder.serve()
        if backgrounder.wear.reason is not None:
            level = logging.DEBUG if backgrounder.wear.limits.recycle_jobs == 1 else logging.INFO
            logger.log(level, "%s %s, replaced", backgrounder.name, backgrounder.wear.reason)
            raise SystemExit(WORN)
    finally:
        backgrounder.is_leaving = True  # threads of handlers may keep the process from its end
        for channel in (jobs, control):
            channel.close()


if __name__ == "__main__":
    main()
