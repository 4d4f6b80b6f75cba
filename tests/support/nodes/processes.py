"""Watch operating system processes from outside: what `pgdispatch.host.procfs` does not tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from pgdispatch.host.procfs import TICKS, everybody, look_at, stat_fields, with_descendants


def wait_until(
    holds: Callable[[], bool], what: str = "", *, within: float = 20.0, every: float = 0.01
) -> None:
    """Return once `holds()`, asked `every` so often; raise TimeoutError after `within` seconds.

    `what` is how the error names it.
    """
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what or holds} did not come true within {within:g} s")
        time.sleep(every)


def is_alive(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    seen = look_at(pid)
    return seen is not None and not seen.is_zombie


def parent_of(pid: int) -> int | None:
    """Return the process number of the parent; None if the process is gone."""
    seen = look_at(pid)
    return None if seen is None else seen.parent


def children_of(pid: int) -> set[int]:
    """Return the process numbers of the children."""
    return {one.pid for one in everybody().values() if one.parent == pid and not one.is_zombie}


def family(pid: int) -> set[int]:
    """Return a process and all that descend from it."""
    return with_descendants({pid}, everybody())


def processor_seconds(pids: Iterable[int]) -> float:
    """Return how much processor time the processes have used so far, user and system."""
    seen = [stat_fields(pid) for pid in pids]
    return sum(int(fields[11]) + int(fields[12]) for fields in seen if fields) / TICKS


def groups_of(pids: set[int]) -> set[int]:
    """Return the process groups of those of the processes that are still there."""
    return {seen.group for pid in pids if (seen := look_at(pid)) is not None}


def environment(pid: int) -> bytes:
    """Return what a process was started with, as NAME=VALUE parted by NUL; empty if it is gone."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


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


def memory_holds(pid: int, wanted: bytes) -> bool:
    """Tell whether bytes are anywhere in what a process may write in its memory; root may look."""
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb") as memory:
        for line in maps:
            where, rights = line.split()[:2]
            first, end = (int(part, 16) for part in where.split("-"))
            if rights.startswith("rw"):
                memory.seek(first)
                with suppress(OSError):  # such as the kernel's own pages
                    if wanted in memory.read(end - first):
                        return True
    return False
