"""Watch operating system processes from outside."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def wait_until(holds: Callable[[], bool], *, within: float = 20.0, every: float = 0.01) -> None:
    """Return once `holds()`, asked `every` so often; raise TimeoutError after `within` seconds."""
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{holds} did not come true within {within} s")
        time.sleep(every)


def is_alive(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        return stat_fields(pid)[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def parent_of(pid: int) -> int:
    """Return the process number of the parent."""
    return int(stat_fields(pid)[1])


def groups_of(pids: set[int]) -> set[int]:
    """Return the process groups of those of the processes that are still there."""
    found = set()
    for pid in pids:
        with suppress(ProcessLookupError):
            found.add(os.getpgid(pid))
    return found


def children_of(pid: int) -> set[int]:
    """Return the process numbers of the children."""
    found = set()
    for entry in os.listdir("/proc"):
        if entry.isdecimal() and is_alive(int(entry)):
            try:
                if parent_of(int(entry)) == pid:
                    found.add(int(entry))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def stat_fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name: state, parent, …."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def open_files(pid: int) -> set[str]:
    """Return what the descriptors of a process point to, for example `pipe:[1234]`.

    None of a process that has just ended.
    """
    found = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                found.add(str(link.readlink()))
    return found


def shared_memory(pid: int) -> set[Path]:
    """Return the files in /dev/shm that a process has mapped; none if it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return set()
    return {Path(line.split()[-1]) for line in lines if "/dev/shm/" in line}  # noqa: S108


def system_v_segments(creator: int) -> int:
    """Return how many System V segments of shared memory a process has made."""
    lines = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return sum(1 for line in lines if int(line.split()[4]) == creator)
