"""Standard output and error that may be broken: full, closed, or a pipe that has gone.

What the processes of a node write there is for whoever looks on: that nobody can ends no job.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any, TextIO


class LenientFile(io.FileIO):
    """A descriptor that takes everything: what cannot be written is dropped."""

    def write(self, data: Any) -> int:
        """Write what can be written; return the size of `data`, which is done with."""
        with suppress(OSError):
            return super().write(data) or len(data)
        return len(data)


def plug() -> None:
    """Open what is closed of the three standard streams, so that nothing else gets its number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # it gets the lowest number that is free


def be_lenient() -> None:
    """For a node and all that runs there: neither output nor remarks need to be written."""
    plug()
    sys.stdout = _wrapped(sys.stdout, 1)
    sys.stderr = _wrapped(sys.stderr, 2)


def _is_standard(stream: TextIO, number: int) -> bool:
    """Tell whether a stream is what it was at the start: who redirects it knows why."""
    try:
        return stream.fileno() == number
    except (OSError, ValueError):
        return False


def printable(text: str) -> str:
    """Return `text` with everything escaped that would break a line, or a terminal would obey."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def _wrapped(stream: TextIO | None, number: int) -> TextIO:
    if stream is not None:
        with suppress(OSError, ValueError):
            stream.flush()
        if not _is_standard(stream, number):
            return stream
    return io.TextIOWrapper(
        io.BufferedWriter(LenientFile(number, "w", closefd=False)),
        encoding=getattr(stream, "encoding", None) or "utf-8",
        errors="backslashreplace",
        line_buffering=number == 2 or bool(getattr(stream, "line_buffering", False)),
        write_through=number == 2,
    )
