"""Standard output and error of a command, which may be full, closed, or a pipe that has gone."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import Any, TextIO


class OutputError(Exception):
    """Standard output cannot be written; `number` is the operating system's reason."""

    def __init__(self, number: int) -> None:
        super().__init__(os.strerror(number))
        self.number = number


class StreamFile(io.FileIO):
    """A descriptor that says once, if it `is_needed`, that it cannot be written; then it drops all.

    `failure` is why not, known from the beginning or not.
    """

    is_needed = True
    failure: int | None = None
    is_told = False

    def write(self, data: Any) -> int:
        """Return how much was written or dropped. Raises `OutputError`, once."""
        if self.failure is None:
            try:
                return super().write(data) or 0
            except OSError as error:
                self.failure = error.errno or errno.EIO
        if self.is_needed and not self.is_told:
            self.is_told = True
            raise OutputError(self.failure)
        return len(data)


def prepare() -> None:
    """See to it that what a command was asked for gets out, or `OutputError` is raised.

    Its remarks on standard error need not be read by anybody.
    """
    _plug()
    if sys.stdout is sys.__stdout__:  # nobody has taken its place, as a test may
        sys.stdout = _wrapped(sys.stdout, 1)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _wrapped(sys.stderr, 2)


def drop_rest() -> None:
    """Drop what waits to be written: an interrupt may have come when that was just done."""
    file = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(file, StreamFile):
        file.failure, file.is_told = errno.EINTR, True


def _plug() -> None:
    """Open what is closed of the three streams, so that no connection gets its number.

    As in `pgdispatch.host.streams`, whose import would take longer than most commands have.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)


def _wrapped(stream: TextIO | None, number: int) -> TextIO:
    file = StreamFile(number, "w", closefd=False)
    file.is_needed = number == 1
    if stream is None:
        file.failure = errno.EBADF
    return io.TextIOWrapper(
        io.BufferedWriter(file),
        encoding=getattr(stream, "encoding", None) or "utf-8",
        errors="backslashreplace",
        line_buffering=number == 2 or bool(getattr(stream, "line_buffering", False)),
        write_through=number == 2,
    )
