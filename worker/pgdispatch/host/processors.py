"""How many processors this process may use: by affinity, and by the quota of its control groups.

Python knows the affinity only. A container that may use half a processor of a large machine sees
all of them otherwise.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

TOP = Path("/")


def available_processors(top: Path = TOP) -> int:
    """Return how many processors this process may use, part of one counting as one.

    `top` is where `proc` and the control groups are found.
    """
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min([found or 1, *(max(1, math.ceil(quota)) for quota in quotas(top))])


def quotas(top: Path) -> Iterator[float]:
    """Yield the processors that each group around this process may use, where it has a limit."""
    for folder in groups(top):
        with suppress(OSError, ValueError):  # no such file, or a group that is just going
            quota, period = limit_of(folder)
            if quota != "max" and int(quota) > 0:
                yield int(quota) / int(period)


def limit_of(folder: Path) -> list[str]:
    """Return the microseconds in each period of so many: as version 2 says, or version 1."""
    if (folder / "cpu.max").exists():
        return (folder / "cpu.max").read_text(encoding="ascii").split()
    names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
    return [(folder / name).read_text(encoding="ascii").strip() for name in names]


def groups(top: Path) -> Iterator[Path]:
    """Yield the folders of the groups that this process is in, up to where each is mounted."""
    mine = dict(_mine(top))
    for kind, root, mount in _mounts(top):
        if kind in mine:
            inside = _below(mine[kind], root)
            yield from (mount / each for each in (inside, *inside.parents))


def _mine(top: Path) -> Iterator[tuple[str, Path]]:
    """Yield version (`cgroup2`, or `cgroup` for that with the controller cpu) and path."""
    for line in _lines(top / "proc/self/cgroup"):
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            yield "cgroup2", Path(path)
        elif "cpu" in controllers.split(","):
            yield "cgroup", Path(path)


def _mounts(top: Path) -> Iterator[tuple[str, Path, Path]]:
    """Yield version, the group that is mounted, and where; see proc(5), /proc/PID/mountinfo."""
    for line in _lines(top / "proc/self/mountinfo"):
        where, _, what = line.partition(" - ")
        root, mount = where.split()[3:5]
        kind, _, options = what.split()[:3]
        if kind == "cgroup2" or (kind == "cgroup" and "cpu" in options.split(",")):
            yield kind, Path(root), top / mount.lstrip("/")


def _below(path: Path, root: Path) -> Path:
    """Return a group's path below the one that is mounted; that itself if it is elsewhere."""
    return path.relative_to(root) if path.is_relative_to(root) else Path()


def _lines(path: Path) -> list[str]:
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    return []
