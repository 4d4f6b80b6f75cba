"""Which attempts a backgrounder has begun and ended, in memory that it shares with its supervisor.

A message for each job would cost both processes more than the job's own statements do, and what is
in memory is still there when the process has been killed. The last `CAPACITY` attempts are kept in
a ring, so that an entry, once counted, stays as it is for as long as a reader needs.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from pgdispatch.orders import Attempt

CAPACITY = 4096
# Native numbers are written and read whole; others byte by byte, which a reader could see.
HEADER = struct.Struct("@QQ")  # how many attempts have begun, and how many of them have ended
START = struct.Struct("@QQ")  # of the attempt in hand: bytes of the process, tick of the clock
ENTRY = struct.Struct("@qiI")  # job, attempt, number of its type
ENTRIES = HEADER.size + START.size
SIZE = ENTRIES + CAPACITY * ENTRY.size


@dataclass(frozen=True)
class News:
    """What was begun, as numbers of types, and what has ended since the last look."""

    begun: Sequence[int]
    ended: Sequence[Attempt]


def new_file() -> BinaryIO:
    """Return an open file without a name, big enough for one logbook."""
    if hasattr(os, "memfd_create"):
        file: BinaryIO = os.fdopen(os.memfd_create("pgdispatch"), "r+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    file.truncate(SIZE)
    return file


class Logbook:
    """The backgrounder's side: it alone writes."""

    def __init__(self, descriptor: int) -> None:
        """Map the file with this number."""
        self._memory = mmap.mmap(descriptor, SIZE)
        self._count = 0

    def begin(self, attempt: Attempt, type_number: int, start: tuple[int, int] = (0, 0)) -> None:
        """Note that an attempt is in hand; `start`: what the process holds, and at which tick."""
        START.pack_into(self._memory, HEADER.size, *start)
        place = ENTRIES + self._count % CAPACITY * ENTRY.size
        ENTRY.pack_into(self._memory, place, *attempt, type_number)
        HEADER.pack_into(self._memory, 0, self._count + 1, self._count)
        self._count += 1

    def end(self) -> None:
        """Note that no attempt is in hand any more."""
        HEADER.pack_into(self._memory, 0, self._count, self._count)


class LogbookReader:
    """The supervisor's side."""

    def __init__(self, descriptor: int) -> None:
        """Map the file with this number."""
        self._memory = mmap.mmap(descriptor, SIZE, prot=mmap.PROT_READ)
        self._begun = 0
        self._ended = 0

    @property
    def running(self) -> Attempt | None:
        """The attempt in hand, or None."""
        begun, ended = HEADER.unpack_from(self._memory)
        if begun <= ended:
            return None
        job, attempt, _ = self._entry(begun - 1)
        return job, attempt

    def start(self) -> tuple[int, int]:
        """Return what the process held when its last attempt began, and the tick of that."""
        held, tick = START.unpack_from(self._memory, HEADER.size)
        return held, tick

    def news(self) -> News:
        """Return what has come since the last call; what has left the ring meanwhile is missing."""
        begun, ended = HEADER.unpack_from(self._memory)
        oldest = begun - CAPACITY
        types = [self._entry(number)[2] for number in _between(self._begun, begun, oldest)]
        over = [self._entry(number)[:2] for number in _between(self._ended, ended, oldest)]
        self._begun, self._ended = begun, ended
        return News(begun=types, ended=over)

    def _entry(self, number: int) -> tuple[int, int, int]:
        job, attempt, type_number = ENTRY.unpack_from(
            self._memory, ENTRIES + number % CAPACITY * ENTRY.size
        )
        return job, attempt, type_number


def _between(first: int, end: int, oldest: int) -> range:
    return range(max(first, oldest), end)
