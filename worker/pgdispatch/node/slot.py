"""One backgrounder as its supervisor sees it: a process, and the attempt that is in its hands.

An attempt is, from when it was handed over until the database has taken note of its end.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from pgdispatch.host.identity import MARK, mark_prefix, own_identity
from pgdispatch.host.limits import Limits
from pgdispatch.host.procfs import Scale
from pgdispatch.ipc.attempt import Attempt
from pgdispatch.ipc.begun import BegunPage, new_file
from pgdispatch.ipc.channel import Message
from pgdispatch.ipc.reporting import Progress
from pgdispatch.node.channel_end import Room
from pgdispatch.node.child import Child
from pgdispatch.node.ending import Ending, read_ending

logger = logging.getLogger("pgdispatch")

ANSWERS_MISSING = 3  # counted, as time goes on while the whole node is frozen
DSN = "PGDISPATCH_DSN"  # not for the environment of handlers
MARK_PREFIX = mark_prefix(own_identity())


@dataclass(frozen=True)
class Begin:
    """What a backgrounder is told when it starts. `dsn`: for its procedures, if they need it."""

    name: str
    dsn: str | None
    apps: tuple[str, ...]
    types: tuple[str, ...] | None
    config: str | None
    limits: Limits = field(default_factory=Limits)


@dataclass
class Slot:
    """The place of one backgrounder on its node.

    `on_end` is called with how the attempt in hand has ended, `on_message` with what else the
    process says. `types` are the job types that it said it serves; `is_open`: it may get jobs, and
    `is_idle`: there was none for it. `attempt`, of `type`, is in its hands since `handed_at`;
    `ending` is how that has ended, and `settled` is set when there is none. `killed_for` is why its
    supervisor killed it, and `kill_error` how the attempt in hand then ends, if that says more.
    `told_drained`: the attempt whose handler knows that the node drains.
    `unanswered`: how often it was asked in vain whether it hears. `is_ending`: it gets no further
    job, but one that is already on its way if it `is_asked_for`; `leaves`: it ends by itself. If it
    `retires` no other takes its place. `is_relieved`: it was asked by a signal to end. `over` is
    set when it has. `on_log` is called with what the `last_attempt` handed over has logged, and
    `logged` is set unless it was asked and has not answered. `scale` weighs the process, if there
    is a limit. `room` is for large results.
    """

    number: int
    begin: Begin
    on_message: Callable[[Slot, Message], None]
    on_end: Callable[[Ending], None]
    room: Room = field(default_factory=Room)
    types: tuple[str, ...] = ()
    is_open: bool = False
    is_idle: bool = False
    is_asked_for: bool = False
    attempt: Attempt | None = None
    type: str = ""
    handed_at: float = 0.0
    ending: Ending | None = None
    asked_to_stop: Attempt | None = None
    told_drained: Attempt | None = None
    killed_for: str | None = None
    kill_error: str | None = None
    is_ending: bool = False
    leaves: bool = False
    retires: bool = False
    was_ready: bool = False
    unanswered: int = 0
    is_relieved: bool = False
    on_log: Callable[[Message, bytes | None], None] = lambda *_: None
    last_attempt: Attempt | None = None
    logged: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    progress: tuple[Attempt, Progress] | None = None
    scale: Scale | None = None
    mark: str = field(init=False)
    child: Child = field(init=False)
    begun: BegunPage = field(init=False)

    def __post_init__(self) -> None:
        """Make the process, which `run` starts, and the page that it writes."""
        self._file = new_file()
        self.begun = BegunPage(self._file.fileno(), is_reader=True)
        self.mark = f"{MARK_PREFIX}{uuid.uuid4().hex}"
        self.settled.set()
        self.logged.set()
        self.child = Child(
            "pgdispatch.backgrounder.process",
            (self._hear, self._hear_of_job),
            hands_on=(self._file.fileno(),),
            environment={MARK: self.mark},
            keeps=(DSN,),
            marks=(self.mark,),
            room=self.room,
        )

    @property
    def running(self) -> Attempt | None:
        """The attempt in hand that has not ended, or None."""
        return self.attempt if self.ending is None else None

    @property
    def is_there(self) -> bool:
        """Whether the process is there to take a job, should one still come."""
        is_over = self.child.is_over or self.killed_for is not None
        return self.is_open and not is_over and not self.child.ends[1].over.done()

    @property
    def may_get_more(self) -> bool:
        """Whether the process is to get a job when it has none."""
        return not (self.is_ending or self.leaves) and self.is_there

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

    def hand_over(self, attempt: Attempt, facts: Mapping[str, object], args: str) -> None:
        """Give the process an attempt; `facts` are the columns of its job."""
        self.attempt, self.type = attempt, str(facts["type"])
        self.last_attempt = attempt
        self.handed_at = time.monotonic()
        self.is_idle = False
        self.settled.clear()
        job, number = attempt
        self.child.ends[1].send("run", value=args.encode(), job=job, attempt=number, **facts)

    def settle(self) -> None:
        """Note that nothing is in its hands any more: the database knows how that ended."""
        self.attempt = self.ending = None
        if self.child.ends:
            self.child.ends[1].release()
        self.settled.set()

    def end(self, ending: Ending) -> None:
        """Note how the attempt in hand has ended."""
        ending.backgrounder, ending.type = self.begin.name, self.type
        ending.on_settled = self.settle
        ending.seconds = time.monotonic() - self.handed_at
        self.ending = ending
        self.on_end(ending)

    def end_after_job(self) -> None:
        """Have the process end when it has no job, or at the end of that, which is let know."""
        self.is_ending = True
        if len(self.child.ends) > 1:  # it has begun
            self.child.send("drain")
        if not self.is_asked_for:
            self.end_jobs()

    def end_jobs(self) -> None:
        """Tell the process that no more jobs come."""
        if len(self.child.ends) > 1:
            self.child.ends[1].end_sending()

    def ask_to_stop(self, reason: str) -> None:
        """Ask the running attempt to stop, once."""
        attempt = self.running
        if attempt is not None and attempt != self.asked_to_stop:
            self.asked_to_stop = attempt
            self.child.send("stop", attempt=attempt, reason=reason)

    def tell_drained(self, *, is_drained: bool) -> None:
        """Let the running attempt know whether the node drains, if that is news."""
        attempt = self.running
        if attempt is not None and is_drained != (self.told_drained == attempt):
            self.told_drained = attempt if is_drained else None
            self.child.send("drained", attempt=attempt, is_drained=is_drained)

    def ask_for_log(self, most: int) -> None:
        """Ask what the running attempt has logged since the last time, `most` bytes about."""
        self.logged.clear()
        self.child.send("log", attempt=self.running, most=most)

    def roll_call(self) -> bool:
        """Ask a process without a job whether it hears; return False once it has not for long.

        One with a job may be deaf to all but signals for as long as that takes.
        """
        if not self.was_ready or self.attempt is not None:
            self.unanswered = 0
            return True
        self.unanswered += 1
        self.child.ends[1].send("ping")
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
            self.end_jobs()

    def _hear(self, message: Message, value: bytes | None) -> None:
        kind = message["is"]
        if kind == "ready":
            self.types = tuple(message["types"])
        elif kind == "log":
            if (message.get("job"), message.get("attempt")) == self.last_attempt:
                self.on_log(message, value)
            return
        elif kind == "logged":
            self.logged.set()
            return
        elif kind == "progress":
            attempt = (message["job"], message["attempt"])
            if attempt == self.running:
                self.progress = (attempt, (message["percent"], message["note"]))
        self.on_message(self, message)

    def _hear_of_job(self, message: Message, value: bytes | None) -> None:
        """Take the end of the attempt in hand: of this one, once, and of no other."""
        if message["is"] == "pong":
            self.unanswered = 0
            return
        ending = read_ending(message, value)
        if ending.attempt != self.running:
            job, number = ending.attempt
            error = f"reported the end of job {job}, attempt {number}, which it does not have"
            logger.warning("%s %s, replaced", self.begin.name, error)
            self.kill("nonsense", error=f"backgrounder {self.begin.name} {error}")
            return
        self.leaves = self.leaves or bool(message.get("leaves"))
        self.end(ending)
