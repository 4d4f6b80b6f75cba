"""One backgrounder as its supervisor sees it: a process, and the job it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pgdispatch.channel import Message
from pgdispatch.child import Child


@dataclass(frozen=True)
class Begin:
    """What a backgrounder is told when it starts."""

    name: str
    dsn: str
    apps: tuple[str, ...]
    types: tuple[str, ...] | None
    config: str | None


@dataclass
class Slot:
    """The place of one backgrounder on its node.

    `job` and `attempt` are what it said it runs; `killed_for` is why its supervisor killed it.
    """

    number: int
    begin: Begin
    on_message: Callable[[Slot, Message], None]
    state: str = "starting"
    job: int | None = None
    attempt: int | None = None
    asked_to_stop: str | None = None
    killed_for: str | None = None
    retires: bool = False
    was_ready: bool = False
    progress: tuple[float, str | None] | None = None
    child: Child = field(init=False)

    def __post_init__(self) -> None:
        """Make the process, which `run` starts."""
        self.child = Child("pgdispatch.backgrounder", self._hear)

    @property
    def running(self) -> tuple[int, int] | None:
        """The job and attempt that the process said it runs, or None."""
        return None if self.job is None or self.attempt is None else (self.job, self.attempt)

    @property
    def pid(self) -> int | None:
        """The number of the process, or None before it was started."""
        return None if self.child.process is None else self.child.process.pid

    async def run(self) -> int:
        """Start the process and return its status when it has ended."""
        return await self.child.run(self._say_begin)

    def send(self, kind: str, **values: object) -> None:
        """Send one message to the process; one that is gone is not an error here."""
        self.child.send(kind, **values)

    def ask_to_stop(self, reason: str) -> None:
        """Ask the running job to stop, once."""
        if self.asked_to_stop is None and self.job is not None:
            self.asked_to_stop = reason
            self.send("stop", job=self.job, reason=reason)

    def kill(self, reason: str) -> None:
        """Kill the process and everything it started, and remember why."""
        if self.killed_for is None:
            self.killed_for = reason
            self.child.kill_group()

    def _say_begin(self) -> None:
        begin = self.begin
        self.send(
            "begin",
            name=begin.name,
            dsn=begin.dsn,
            apps=begin.apps,
            types=begin.types,
            config=begin.config,
        )
        if self.retires:  # it was told so before there was anybody to tell
            self.send("drain")

    def _hear(self, message: Message) -> None:
        kind = message["is"]
        if kind in ("idle", "running"):
            self.state = kind
        if kind == "running":
            self.job, self.attempt = message["job"], message["attempt"]
            self.asked_to_stop = None
        elif kind == "ended":
            self.job = self.attempt = self.progress = None
        elif kind == "progress" and message["job"] == self.job:
            self.progress = (message["percent"], message["note"])
        self.on_message(self, message)
