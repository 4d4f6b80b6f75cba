"""What the figures depend on: processor, disk, versions, commit and settings."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.peers.peer import Peer
from benchmarks.stage import SETTINGS, Stage, file_system

CHECKOUT = Path(__file__).resolve().parents[2]
SHOWN = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size")


def facts(stage: Stage, peers: list[Peer]) -> dict[str, str]:
    """Return what a reader has to know to repeat the run, in the order to show it."""
    data = _setting(stage, "data_directory")
    kind = file_system(Path(data))
    free = shutil.disk_usage(stage.folder).free // 2**30
    found = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "pgdispatch": f"{version('pgdispatch')}, commit {commit()}",
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
        found["Node"] = _said("node", "--version").removeprefix("v")
    return found


def table(found: Mapping[str, str]) -> list[str]:
    """Return the facts as the lines of a Markdown table."""
    return ["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in found.items())]


def commit() -> str:
    """Return the commit of the checkout, with a mark if files differ from it."""
    found = _said("git", "-C", str(CHECKOUT), "rev-parse", "--short=10", "HEAD")
    changed = _said("git", "-C", str(CHECKOUT), "status", "--porcelain", "--", "sql", "worker")
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
