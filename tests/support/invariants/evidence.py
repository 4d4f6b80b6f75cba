"""What handlers really did, in a file of their own, out of the reach of the database's fences.

One line an event, in the order in which they happened: `start JOB ATTEMPT PROCESS` and `end …`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Event:
    """A handler began (`start`) or reached (`end`) the end of an attempt."""

    what: str
    job: int
    attempt: int
    process: int


def note(path: Path, what: str, job: int, attempt: int) -> None:
    """Append one event at once: lines of processes that write together do not mix."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(descriptor, f"{what} {job} {attempt} {os.getpid()}\n".encode())
    finally:
        os.close(descriptor)


def read(path: Path) -> Iterator[Event]:
    """Yield the events in their order; none if nothing was written."""
    if path.exists():
        with path.open() as lines:
            for line in lines:
                what, *numbers = line.split()
                yield Event(what, *map(int, numbers))
