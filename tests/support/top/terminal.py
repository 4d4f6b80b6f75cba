"""A terminal for a command: keys go in, and what it writes comes out, escape sequences and all."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from support.cli.command import COMMAND, command_environment

LONGEST = 30.0  # seconds until it has written what is waited for
WITHOUT_TEXTUAL = (
    "import sys; sys.modules['textual'] = None; sys.argv = ['pgdispatch', *sys.argv[1:]]; "
    "from pgdispatch_cli.main import main; sys.exit(main())"
)


@dataclass
class Terminal:
    """A command and the other end of its terminal."""

    process: subprocess.Popen[bytes]
    master: int
    written: str = ""

    def send(self, keys: str) -> None:
        """Press keys."""
        os.write(self.master, keys.encode())

    def until(self, condition: Callable[[], bool]) -> None:
        """Read what is written until something is so."""
        deadline = time.monotonic() + LONGEST
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"it has not come so; written so far: {self.written!r}")
            self._read()

    def until_written(self, text: str) -> None:
        """Wait until a text has been written since the last time, and forget it."""
        self.until(lambda: text in self.written)
        self.written = self.written.partition(text)[2]

    def ended(self) -> int:
        """Wait for the end, and return the exit status."""
        self.until(lambda: self.process.poll() is not None)
        while self._read():
            pass
        return self.process.returncode

    @property
    def is_stopped(self) -> bool:
        """Whether the process stands still, as after Ctrl-Z."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] == "T"

    def _read(self) -> bool:
        if not select.select([self.master], [], [], 0.05)[0]:
            return False
        with suppress(OSError):  # its other end is closed
            data = os.read(self.master, 65536)
            self.written += data.decode(errors="replace")
            return bool(data)
        return False


def heed_interrupts() -> None:
    """Let Ctrl-C end the command, also where tests run in the background and ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def open_terminal(
    dsn: str,
    *arguments: str,
    size: tuple[int, int] = (132, 42),
    program: Sequence[str] = (str(COMMAND),),
    **environment: str,
) -> Iterator[Terminal]:
    """Start `pgdispatch` with `arguments` in a terminal of `size`."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    process = subprocess.Popen(
        [*program, *arguments],
        env=command_environment(dsn, **{"TERM": "xterm-256color", **environment}),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=heed_interrupts,  # noqa: PLW1509  # no thread is here to hold a lock
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait(10)
        os.close(master)


def without_textual() -> list[str]:
    """Return the command as it is where textual is not installed."""
    return [sys.executable, "-c", WITHOUT_TEXTUAL]
