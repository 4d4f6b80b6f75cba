"""What the kernel says of processes: who started whom, processor time, and memory."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Have the kernel end this process when its parent is killed (between fork and exec)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))


def family(pid: int) -> set[int]:
    """Return a process and all that descend from it."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdecimal() and (fields := _stat(int(entry))):
            parents[int(entry)] = int(fields[1])
    found, added = {pid}, {pid}
    while added:
        added = {child for child, parent in parents.items() if parent in added} - found
        found |= added
    return found


def processor_seconds(pids: set[int]) -> float:
    """Return how much processor time the processes have used so far, user and system."""
    return sum(int(fields[11]) + int(fields[12]) for pid in pids if (fields := _stat(pid))) / TICKS


def memory(pid: int) -> dict[str, float]:
    """Return the resident memory of a process in MB: `Rss`, and `Pss`, its share of it."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, rest = line.partition(":")
        found[name] = int(rest.split()[0]) / 1024
    return {name: found[name] for name in ("Rss", "Pss")}


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name; none of a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
