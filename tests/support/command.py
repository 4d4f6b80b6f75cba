"""Run the real `pgdispatch` command as a person would, and see what it says."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("pgdispatch")


@dataclass(frozen=True)
class Finished:
    """How a command ended: its exit status and what it wrote."""

    status: int
    out: str
    err: str

    def rows(self) -> list[dict[str, Any]]:
        """Return what --json printed."""
        found: list[dict[str, Any]] = json.loads(self.out)
        return found


def run_command(dsn: str | None, *arguments: str, **environment: str) -> Finished:
    """Run `pgdispatch` with `arguments` on the database `dsn` until it ends."""
    done = subprocess.run(
        [str(COMMAND), *arguments],
        env=command_environment(dsn, **environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@cache
def compiled() -> str:
    """Return a folder for compiled modules, of this test run only: imports are half the time."""
    folder = tempfile.mkdtemp(prefix="pgdispatch-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def command_environment(dsn: str | None, **more: str) -> dict[str, str]:
    """Return this environment without anything that names a database but `dsn`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "PYTHON", "COLUMNS", "FORCE_COLOR"))
    }
    kept |= {"PYTHONPYCACHEPREFIX": compiled(), "TZ": "UTC"}
    return kept | ({} if dsn is None else {"PGDISPATCH_DSN": dsn}) | more
