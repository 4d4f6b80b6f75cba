"""Which attempt a backgrounder has begun, in a page of memory that it shares with its supervisor.

What is in memory is still there when the process has been killed: so its supervisor knows whether
the job that it was handed last had been begun. A message for each would cost more.
"""

from __future__ import annotations

import mmap
import os
import struct
from typing import BinaryIO

from pgdispatch.ipc.attempt import Attempt

# Native numbers are written whole, one after the other: the job comes last.
NOTE = struct.Struct("@QQqq")  # bytes of the process, tick of the clock, attempt, job
SIZE = NOTE.size


def new_file() -> BinaryIO:
    """Return an open file without a name, big enough for one page."""
    if hasattr(os, "memfd_create"):
        file: BinaryIO = os.fdopen(os.memfd_create("pgdispatch"), "r+b")
    else:
        import tempfile  # noqa: PLC0415  # a backgrounder has no need of it

        file = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    file.truncate(SIZE)
    return file


class BegunPage:
    """One side's view of the page: the backgrounder alone writes."""

    def __init__(self, descriptor: int, *, is_reader: bool = False) -> None:
        """Map the file with this number."""
        access = mmap.PROT_READ if is_reader else mmap.PROT_READ | mmap.PROT_WRITE
        self._memory = mmap.mmap(descriptor, SIZE, prot=access)

    def note(self, attempt: Attempt, start: tuple[int, int] = (0, 0)) -> None:
        """Note that an attempt begins; `start`: what the process holds, and at which tick."""
        NOTE.pack_into(self._memory, 0, *start, attempt[1], attempt[0])

    def attempt(self) -> Attempt:
        """Return the attempt that began last; zeros if none has."""
        _, _, number, job = NOTE.unpack_from(self._memory)
        return job, number

    def start(self) -> tuple[int, int]:
        """Return what the process held when its last attempt began, and the tick of that."""
        held, tick, _, _ = NOTE.unpack_from(self._memory)
        return held, tick
