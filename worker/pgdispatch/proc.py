"""The processes of this machine as /proc tells of them (Linux): parents, groups, memory."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

HAS_PROC = sys.platform == "linux"
PAGE = os.sysconf("SC_PAGE_SIZE")
PR_SET_CHILD_SUBREAPER = 36


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


def look_at(pid: int) -> Seen | None:
    """Return what /proc says about one process; None if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
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
    """Return those of `roots` that are in `processes`, and all that descend from them there."""
    children: dict[int, list[int]] = {}
    for one in processes.values():
        children.setdefault(one.parent, []).append(one.pid)
    found: set[int] = set()
    ahead = [pid for pid in roots if pid in processes]
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
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return line.removesuffix(b"\0").rpartition(b"\0")[2].decode(errors="replace")


def proportional(pid: int) -> int | None:
    """Return the bytes of a process, its part of what it shares; None if that cannot be told."""
    try:
        with Path(f"/proc/{pid}/smaps_rollup").open(encoding="ascii") as lines:
            for line in lines:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        return None
    return None
