"""A process that the supervisor started: how it begins, what it says, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pgdispatch.ipc.channel import Message, encode
from pgdispatch.ipc.secrecy import for_starting
from pgdispatch.ipc.statuses import WORDS

LAST_BREATH = 5.0


@dataclass
class Child:
    """One process running a module of ours, in a group of its own, with a channel to it.

    The module gets the numbers of its end of the channel, of a pipe that ends with the
    supervisor, and of the descriptors in `hands_on`. `on_message` is called with what it says.
    `environment` is added to the supervisor's own, most of which `begin` hands on: see `secrecy`.
    `marks` come last on the command line, which all can read, and which forks keep.
    `is_cut_off`: it had to be killed, as it had closed the channel, or talked nonsense, and
    lived on.
    """

    module: str
    on_message: Callable[[Message], None]
    hands_on: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    process: asyncio.subprocess.Process | None = None
    is_over: bool = False
    is_cut_off: bool = False
    _writer: asyncio.StreamWriter | None = None

    async def run(self, on_start: Callable[[], None]) -> int:
        """Start the process, pass on what it says, and return its status when it has ended.

        `on_start` is called as soon as `send` reaches it.
        """
        ours, theirs = socket.socketpair()
        lifeline, held = os.pipe()
        try:
            with theirs:
                descriptors = [theirs.fileno(), lifeline, *self.hands_on]
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
            reader, self._writer = await asyncio.open_connection(sock=ours)
            on_start()
            return await self._attend(reader, self.process)
        finally:
            self.kill_group()
            os.close(lifeline)
            os.close(held)
            if self._writer is not None:
                self._writer.close()

    def begin(self, **values: object) -> None:
        """Send the first message, and with it the environment."""
        self.send("begin", environment={**os.environ, **self.environment}, **values)

    def send(self, kind: str, **values: object) -> None:
        """Send one message to the process; one that is gone is not an error here."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(encode(kind, **values))

    def kill_group(self) -> None:
        """Kill whatever is left of the process group: the process itself and its children.

        Once that has been done after the end, its number may belong to others: nothing happens.
        """
        if self.process is not None and not self.is_over:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return

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
        self.is_cut_off = not end.done()
        self.kill_group()
        status = await end
        self.is_over = True
        await asyncio.wait({talk}, timeout=LAST_BREATH)
        talk.cancel()
        return status

    async def _pass_on(self, reader: asyncio.StreamReader) -> None:
        while (message := _message(await _read_line(reader))) is not None:
            self.on_message(message)


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


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except (ConnectionError, ValueError):  # it died before it had read all; a line without end
        return b""


def _message(line: bytes) -> Message | None:
    """Return what a line says; None if it is no message: something else has written there."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) and "is" in message else None
