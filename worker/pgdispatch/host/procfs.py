"""The processes of this machine (Linux): parents, groups, memory as /proc tells, and their ends."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import sys
import time
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HAS_PROC = sys.platform == "linux"
PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LONGEST_PAGE = 1 << 14  # of what /proc says of one process, in the files that are read here


@dataclass(frozen=True)
class Seen:
    """One process at the moment of a look. `resident`: bytes, what it shares counted whole.

    `began`: at which tick of the kernel's clock. `is_over`: it has ended with all its threads, and
    only waits to be waited for.
    """

    pid: int
    parent: int
    group: int
    is_zombie: bool
    is_over: bool
    began: int
    resident: int


def adopt_orphans() -> None:
    """Make this process the parent of every process below it that loses its own (Linux)."""
    if HAS_PROC:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_with_parent(number: signal.Signals) -> None:
    """Have the kernel send this process a signal when the thread that started it ends (Linux)."""
    if HAS_PROC:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number))


def stat_fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name: state, parent, …; none if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def look_at(pid: int) -> Seen | None:
    """Return what /proc says about one process; None if it is gone."""
    fields = stat_fields(pid)
    if not fields:
        return None
    return Seen(
        pid=pid,
        parent=int(fields[1]),
        group=int(fields[2]),
        is_zombie=fields[0] in ("Z", "X"),
        is_over=fields[0] in ("Z", "X") and int(fields[17]) <= 1,
        began=int(fields[19]),
        resident=int(fields[21]) * PAGE,
    )


def everybody() -> Mapping[int, Seen]:
    """Return all processes of the machine by their number."""
    seen = (look_at(int(name)) for name in os.listdir("/proc") if name.isdecimal())
    return {one.pid: one for one in seen if one is not None}


def own_children(known: Container[int | None] = ()) -> list[Seen]:
    """Return the children of this process's first thread, adopted ones included.

    Those in `known` are left out, and cost nothing.
    """
    me = os.getpid()
    try:
        text = Path(f"/proc/{me}/task/{me}/children").read_text(encoding="ascii")
    except OSError:  # a kernel without it
        return [one for one in everybody().values() if one.parent == me and one.pid not in known]
    seen = (look_at(pid) for pid in map(int, text.split()) if pid not in known)
    return [one for one in seen if one is not None]


def with_descendants(roots: set[int], processes: Mapping[int, Seen]) -> set[int]:
    """Return `roots`, and all that descend from them in `processes`, where these may be missing."""
    children: dict[int, list[int]] = {}
    for one in processes.values():
        children.setdefault(one.parent, []).append(one.pid)
    found: set[int] = set()
    ahead = list(roots)
    while ahead:
        pid = ahead.pop()
        if pid not in found:
            found.add(pid)
            ahead.extend(children.get(pid, ()))
    return found


def mark(pid: int, name: str) -> str:
    """Return the mark of a process: a variable that it was started with; empty if there is none.

    One that lets nobody look into it, or is a fork of such, has it last on its command line.
    """
    try:
        given = Path(f"/proc/{pid}/environ").read_bytes()
    except PermissionError:
        return _last_argument(pid)
    except OSError:
        return ""
    wanted = f"{name}=".encode()
    values = [entry[len(wanted) :] for entry in given.split(b"\0") if entry.startswith(wanted)]
    return values[0].decode(errors="replace") if values else ""


def _last_argument(pid: int) -> str:
    return command_line(pid).rpartition("\0")[2]


def command_line(pid: int) -> str:
    """Return the command line of a process, its words parted by NUL; empty if it is gone."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return line.removesuffix(b"\0").decode(errors="replace")


def parts_of_memory(pid: int) -> dict[str, int]:
    """Return the bytes of a process by kind, as `Rss` and `Pss`; none if that cannot be told.

    Pss is its part of what it shares.
    """
    try:
        return _amounts(Path(f"/proc/{pid}/smaps_rollup").read_bytes())
    except OSError:
        return {}


def own_resident() -> int:
    """Return the bytes of this process that are in memory, what it shares counted whole."""
    descriptor = os.open("/proc/self/statm", os.O_RDONLY)
    try:
        return int(os.read(descriptor, 200).split()[1]) * PAGE
    finally:
        os.close(descriptor)


def tick() -> int:
    """Return the tick of the kernel's clock, as `Seen.began` is counted."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) * TICKS // 10**9


@dataclass
class Scale:
    """Weighs one process for as long as it lives, even once it lets nobody look into it.

    It has to be made before that.
    """

    pid: int
    _files: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open what is read each time."""
        for name in ("status", "smaps_rollup"):
            self._files.append(os.open(f"/proc/{self.pid}/{name}", os.O_RDONLY))

    def resident(self) -> int:
        """Return the bytes that are in memory, what it shares counted whole; 0: it is gone."""
        return self._read(0).get("VmRSS", 0)

    def own(self) -> int:
        """Return its bytes: programs and files whole, its part of what else it shares."""
        status, parts = self._read(0), self._read(1)
        return status.get("RssFile", 0) + parts.get("Pss", 0) - parts.get("Pss_File", 0)

    def close(self) -> None:
        """Close what is open."""
        while self._files:
            os.close(self._files.pop())

    def _read(self, place: int) -> dict[str, int]:
        try:
            return _amounts(os.pread(self._files[place], LONGEST_PAGE, 0))
        except OSError:  # it is gone
            return {}


def _amounts(text: bytes) -> dict[str, int]:
    """Return the lines of a file of /proc that are amounts of memory, in bytes."""
    found = re.findall(rb"^(\w+):\s+(\d+) kB$", text, re.MULTILINE)
    return {name.decode(): int(kilobytes) * 1024 for name, kilobytes in found}
