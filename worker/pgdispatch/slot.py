"""One backgrounder as its supervisor sees it: a process, a channel, and the job it runs."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

from pgdispatch.channel import Message, encode

logger = logging.getLogger("pgdispatch")

LAST_BREATH = 5.0


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
    process: asyncio.subprocess.Process | None = None
    state: str = "starting"
    job: int | None = None
    attempt: int | None = None
    asked_to_stop: str | None = None
    killed_for: str | None = None
    retires: bool = False
    was_ready: bool = False
    progress: tuple[float, str | None] | None = None
    _writer: asyncio.StreamWriter | None = None

    @property
    def running(self) -> tuple[int, int] | None:
        """The job and attempt that the process said it runs, or None."""
        return None if self.job is None or self.attempt is None else (self.job, self.attempt)

    async def run(self) -> int:
        """Start the process, pass on what it says, and return its status when it has ended."""
        ours, theirs = socket.socketpair()
        lifeline, held = os.pipe()
        try:
            with theirs:
                descriptors = [theirs.fileno(), lifeline]
                self.process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "pgdispatch.backgrounder",
                    *map(str, descriptors),
                    pass_fds=descriptors,
                    stdin=asyncio.subprocess.DEVNULL,
                    start_new_session=True,
                )
            reader, self._writer = await asyncio.open_connection(sock=ours)
            self._say_begin()
            return await self._attend(reader, self.process)
        finally:
            self.kill_group()
            os.close(lifeline)
            os.close(held)
            if self._writer is not None:
                self._writer.close()

    def send(self, kind: str, **values: object) -> None:
        """Send one message to the process; one that is gone is not an error here."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(encode(kind, **values))

    def ask_to_stop(self, reason: str) -> None:
        """Ask the running job to stop, once."""
        if self.asked_to_stop is None and self.job is not None:
            self.asked_to_stop = reason
            self.send("stop", job=self.job, reason=reason)

    def kill(self, reason: str) -> None:
        """Kill the process and everything it started, and remember why."""
        if self.killed_for is None:
            self.killed_for = reason
            self.kill_group()

    def kill_group(self) -> None:
        """Kill whatever is left of the process group: the process itself and its children."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return

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

    async def _attend(
        self, reader: asyncio.StreamReader, process: asyncio.subprocess.Process
    ) -> int:
        """Pass on what the process says until it has ended; return its status.

        Its children may hold the channel open after its death, and it may close the channel and
        live on: either ends both.
        """
        talk = asyncio.create_task(self._pass_on(reader))
        end = asyncio.create_task(process.wait())
        await asyncio.wait({talk, end}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({end}, timeout=LAST_BREATH)
        self.kill_group()
        await asyncio.wait({talk}, timeout=LAST_BREATH)
        talk.cancel()
        return await end

    async def _pass_on(self, reader: asyncio.StreamReader) -> None:
        while line := await _read_line(reader):
            message = json.loads(line)
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


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ConnectionError:  # it died before it had read all that it was sent
        return b""
