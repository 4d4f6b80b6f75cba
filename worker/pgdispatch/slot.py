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

    async def run(self) -> int:
        """Start the process, pass on what it says, and return its status when it has ended."""
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "pgdispatch.backgrounder",
                str(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        reader, self._writer = await asyncio.open_connection(sock=ours)
        begin = self.begin
        self.send(
            "begin",
            name=begin.name,
            dsn=begin.dsn,
            apps=begin.apps,
            types=begin.types,
            config=begin.config,
        )
        try:
            await self._pass_on(reader)
            return await self.process.wait()
        finally:
            self.kill_group()
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

    async def _pass_on(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
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
