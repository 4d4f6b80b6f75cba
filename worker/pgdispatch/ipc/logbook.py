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
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO, NamedTuple, cast

from pgdispatch.ipc.attempt import Attempt

CAPACITY = 4096
# Native numbers are written and read whole; others byte by byte, which a reader could see.
HEADER = struct.Struct("@QQ")  # how many attempts have begun, and how many of them have ended
START = struct.Struct("@QQ")  # of the attempt in hand: bytes of the process, tick of the clock
ENTRY = struct.Struct("@qiIddq")  # job, attempt, number of its type; begun, ended, and how
ENTRIES = HEADER.size + START.size
END = struct.Struct("@dq")
END_AT = ENTRY.size - END.size
Entry = tuple[int, int, int, float, float, int]
SIZE = ENTRIES + CAPACITY * ENTRY.size


class Outcome(IntEnum):
    """How an attempt ended, as far as the process that ran it, or its supervisor, knows."""

    SUCCEEDED = 0
    FAILED = 1
    GIVEN_BACK = 2
    LOST = 3  # it had been taken away


class Past(NamedTuple):
    """One attempt that has ended, and for how many seconds it ran."""

    attempt: Attempt
    type_number: int
    seconds: float
    outcome: Outcome


@dataclass(frozen=True)
class News:
    """What was begun, as numbers of types, and what has ended since the last look.

    `told`: of what has ended, what a log should tell of.
    """

    begun: Sequence[int]
    ended: Sequence[Attempt]
    told: Sequence[Past]


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
        ENTRY.pack_into(self._memory, place, *attempt, type_number, time.monotonic(), 0.0, 0)
        HEADER.pack_into(self._memory, 0, self._count + 1, self._count)
        self._count += 1

    def end(self, outcome: Outcome) -> None:
        """Note how the attempt in hand ended, and that none is any more."""
        place = ENTRIES + (self._count - 1) % CAPACITY * ENTRY.size + END_AT
        END.pack_into(self._memory, place, time.monotonic(), outcome)
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
        return None if begun <= ended else self._entry(begun - 1)[:2]

    def cut_short(self, outcome: Outcome) -> Past | None:
        """Return the attempt in hand as one that ends now, or None; for a process that is gone."""
        begun, ended = HEADER.unpack_from(self._memory)
        if begun <= ended:
            return None
        job, attempt, type_number, began, _, _ = self._entry(begun - 1)
        return Past((job, attempt), type_number, time.monotonic() - began, outcome)

    def start(self) -> tuple[int, int]:
        """Return what the process held when its last attempt began, and the tick of that."""
        held, tick = START.unpack_from(self._memory, HEADER.size)
        return held, tick

    def news(self, *, is_all_told: bool = False) -> News:
        """Return what has come since the last call; what has left the ring meanwhile is missing.

        `is_all_told`: successes, too.
        """
        begun, ended = HEADER.unpack_from(self._memory)
        oldest = begun - CAPACITY
        types = [self._entry(number)[2] for number in _between(self._begun, begun, oldest)]
        over = [self._entry(number) for number in _between(self._ended, ended, oldest)]
        self._begun, self._ended = begun, ended
        told = [
            Past((job, attempt), type_number, until - began, Outcome(how))
            for job, attempt, type_number, began, until, how in over
            if how or is_all_told
        ]
        return News(begun=types, ended=[entry[:2] for entry in over], told=told)

    def _entry(self, number: int) -> Entry:
        place = ENTRIES + number % CAPACITY * ENTRY.size
        return cast(Entry, ENTRY.unpack_from(self._memory, place))


def _between(first: int, end: int, oldest: int) -> range:
    return range(max(first, oldest), end)
