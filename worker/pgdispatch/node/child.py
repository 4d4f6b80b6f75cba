"""A process that the supervisor started: how it begins, what it says, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from pgdispatch.ipc.secrecy import for_starting
from pgdispatch.ipc.statuses import WORDS
from pgdispatch.node.channel_end import ChannelEnd, Hear, Room, open_end

LAST_BREATH = 5.0


@dataclass
class Child:
    """One process running a module of ours, in a group of its own, with channels to it.

    The module gets the numbers of its ends of the channels, of a pipe that ends with the
    supervisor, and of the descriptors in `hands_on`. For each channel there is one in `hears`,
    which is called with what comes there; `room` is for large values.
    `environment` is added to the supervisor's own, most of which `begin` hands on, but not what is
    in `keeps`: see `secrecy`.
    `marks` come last on the command line, which all can read, and which forks keep.
    `is_cut_off`: it has talked nonsense, or closed a channel and lived on, until it was killed.
    """

    module: str
    hears: Sequence[Hear]
    hands_on: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    keeps: Collection[str] = ()
    marks: tuple[str, ...] = ()
    room: Room = field(default_factory=Room)
    process: asyncio.subprocess.Process | None = None
    ends: list[ChannelEnd] = field(default_factory=list)
    is_over: bool = False
    is_cut_off: bool = False

    async def run(self, on_start: Callable[[], None]) -> int:
        """Start the process, pass on what it says, and return its status when it has ended.

        `on_start` is called as soon as `send` reaches it.
        """
        with ExitStack() as held:
            lifeline, kept = os.pipe()
            held.callback(os.close, lifeline)
            held.callback(os.close, kept)
            held.callback(self._let_go)
            ours = await self._start(lifeline, held)
            for end, hear in zip(ours, self.hears, strict=True):
                self.ends.append(await open_end(end, hear, self.room))
            on_start()
            return await self._attend()

    async def _start(self, lifeline: int, held: ExitStack) -> list[socket.socket]:
        pairs = [socket.socketpair() for _ in self.hears]
        for ours, _ in pairs:
            held.callback(ours.close)
        with ExitStack() as only_here:
            theirs = [only_here.enter_context(end).fileno() for _, end in pairs]
            descriptors = [*theirs, lifeline, *self.hands_on]
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self.module,
                *map(str, descriptors),
                *self.marks,
                pass_fds=descriptors,
                stdin=asyncio.subprocess.DEVNULL,
                env={**for_starting(os.environ), **self.environment},
                start_new_session=True,
            )
        return [ours for ours, _ in pairs]

    def begin(self, **values: object) -> None:
        """Send the first message, and with it the environment."""
        environment = {**os.environ, **self.environment}
        for name in self.keeps:
            environment.pop(name, None)
        self.send("begin", environment=environment, **values)

    def send(self, kind: str, **facts: object) -> None:
        """Send one message over the first channel; a process that is gone is not an error here."""
        if self.ends:
            self.ends[0].send(kind, value=None, **facts)

    def kill_group(self) -> None:
        """Kill whatever is left of the process group: the process itself and its children.

        Once that has been done after the end, its number may belong to others: nothing happens.
        """
        if self.process is not None and not self.is_over:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return

    def _let_go(self) -> None:
        self.kill_group()
        for end in self.ends:
            end.close()

    async def _attend(self) -> int:
        """Wait for the end of the process; return its status.

        Its children may hold the channels open after its death, and it may close one and live on:
        either ends both. What it has said before is still heard.
        """
        if self.process is None:
            raise AssertionError("nothing was started")
        talk: list[asyncio.Future[Any]] = [end.over for end in self.ends]
        ended = asyncio.create_task(self.process.wait())
        await asyncio.wait([*talk, ended], return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({ended}, timeout=LAST_BREATH)
        self.is_cut_off = not ended.done() or any(end.is_cut for end in self.ends)
        self.kill_group()
        status = await ended
        self.is_over = True
        for end in self.ends:
            end.resume()
        await asyncio.wait(talk, timeout=LAST_BREATH)
        return status


def describe(status: int) -> str:
    """Return in words how a process ended."""
    if status in WORDS:
        return WORDS[status]
    if status >= 0:
        return f"exited with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:  # most real-time signals have no name
        return f"was killed by signal {-status}"
    return f"was killed by signal {-status} ({name})"
