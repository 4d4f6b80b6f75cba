"""One backgrounder as its supervisor sees it: a process, and the job it runs."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from pgdispatch.host.identity import MARK, mark_prefix, own_identity
from pgdispatch.host.limits import Limits
from pgdispatch.host.procfs import Scale
from pgdispatch.ipc.attempt import Attempt
from pgdispatch.ipc.channel import Message
from pgdispatch.ipc.logbook import LogbookReader, News, Outcome, Past, new_file
from pgdispatch.ipc.reporting import Progress
from pgdispatch.node.child import Child

ANSWERS_MISSING = 3  # counted, as time goes on while the whole node is frozen
MARK_PREFIX = mark_prefix(own_identity())


@dataclass(frozen=True)
class Begin:
    """What a backgrounder is told when it starts."""

    name: str
    dsn: str
    apps: tuple[str, ...]
    types: tuple[str, ...] | None
    config: str | None
    limits: Limits = field(default_factory=Limits)


@dataclass
class Slot:
    """The place of one backgrounder on its node.

    `types` are the job types that it said it serves; `killed_for` is why its supervisor killed it,
    and `kill_error` how the job in hand then ends, if that says more. `unanswered`: how often it
    was asked in vain whether it hears. `is_ending`: it was told to end after its job; if it
    `retires` no other takes its place. `is_relieved`: it was asked by a signal to end. `over` is
    set when it has. `scale` weighs the process, if there is a limit.
    """

    number: int
    begin: Begin
    on_message: Callable[[Slot, Message], None]
    state: str = "starting"
    types: tuple[str, ...] = ()
    asked_to_stop: Attempt | None = None
    killed_for: str | None = None
    kill_error: str | None = None
    is_ending: bool = False
    retires: bool = False
    was_ready: bool = False
    unanswered: int = 0
    is_relieved: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    progress: tuple[Attempt, Progress] | None = None
    scale: Scale | None = None
    mark: str = field(init=False)
    child: Child = field(init=False)
    logbook: LogbookReader = field(init=False)

    def __post_init__(self) -> None:
        """Make the process, which `run` starts, and its logbook."""
        self._file = new_file()
        self.logbook = LogbookReader(self._file.fileno())
        self.mark = f"{MARK_PREFIX}{uuid.uuid4().hex}"
        self.child = Child(
            "pgdispatch.backgrounder.process",
            self._hear,
            hands_on=(self._file.fileno(),),
            environment={MARK: self.mark},
            marks=(self.mark,),
        )

    @property
    def running(self) -> Attempt | None:
        """The job and attempt that the process runs, or None."""
        return self.logbook.running

    def news(self, *, is_all_told: bool) -> News:
        """Return what the process has begun and ended since the last call."""
        return self.logbook.news(is_all_told=is_all_told)

    def cut_short(self, outcome: Outcome) -> Past | None:
        """Return the attempt that the process, which is gone, had in hand."""
        return self.logbook.cut_short(outcome)

    def last_progress(self, attempt: Attempt) -> Progress | None:
        """Return what was said of the progress of `attempt` and not passed on yet."""
        told = self.progress
        return told[1] if told is not None and told[0] == attempt else None

    @property
    def pid(self) -> int | None:
        """The number of the process, or None before it was started."""
        return None if self.child.process is None else self.child.process.pid

    async def run(self) -> int:
        """Start the process and return its status when it has ended."""
        try:
            return await self.child.run(self._say_begin)
        finally:
            self._file.close()
            if self.scale is not None:
                self.scale.close()

    def send(self, kind: str, **values: object) -> None:
        """Send one message to the process; one that is gone is not an error here."""
        self.child.send(kind, **values)

    def end_after_job(self) -> None:
        """Have the process end when it has no job, or at the end of that."""
        self.is_ending = True
        self.send("drain")

    def ask_to_stop(self, reason: str) -> None:
        """Ask the running attempt to stop, once."""
        attempt = self.running
        if attempt is not None and attempt != self.asked_to_stop:
            self.asked_to_stop = attempt
            self.send("stop", job=attempt[0], reason=reason)

    def roll_call(self) -> bool:
        """Ask a process without a job whether it hears; return False once it has not for long.

        One with a job may be deaf to all but signals for as long as that takes.
        """
        if not self.was_ready or self.running is not None:
            self.unanswered = 0
            return True
        self.unanswered += 1
        self.send("ping")
        return self.unanswered <= ANSWERS_MISSING

    def kill(self, reason: str, *, error: str | None = None) -> None:
        """Kill the process and everything it started, and remember why."""
        if self.killed_for is None:
            self.killed_for = reason
            self.kill_error = error
            self.child.kill_group()

    def _say_begin(self) -> None:
        begin = self.begin
        if begin.limits.recycle_memory is not None and self.pid is not None:
            with suppress(OSError):  # it has just ended
                self.scale = Scale(self.pid)
        self.child.begin(
            name=begin.name,
            dsn=begin.dsn,
            apps=begin.apps,
            types=begin.types,
            config=begin.config,
            limits=asdict(begin.limits),
        )
        if self.is_ending:  # it was told so before there was anybody to tell
            self.send("drain")

    def _hear(self, message: Message) -> None:
        kind = message["is"]
        if kind in ("idle", "busy"):
            self.state = kind
        elif kind == "pong":
            self.unanswered = 0
        elif kind == "ready":
            self.types = tuple(message["types"])
        elif kind == "progress":
            attempt = (message["job"], message["attempt"])
            self.progress = (attempt, (message["percent"], message["note"]))
        self.on_message(self, message)
