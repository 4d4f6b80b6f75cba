"""Run the real `pgdispatch` command as a person would, and see what it says."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.bytecode import VARIABLE
from support.cli.forks import run_fork

COMMAND = Path(sys.executable).with_name("pgdispatch")
END_SESSIONS = """
select pg_terminate_backend(pid)
from pg_stat_activity
where datname = current_database() and application_name = 'pgdispatch'
"""  # those of commands


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
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        status = run_fork(list(arguments), command_environment(dsn, **environment), out, err, 60)
        return Finished(status, out.read_text("utf-8"), err.read_text("utf-8"))


def command_environment(dsn: str | None, **more: str) -> dict[str, str]:
    """Return this environment without anything that names a database but `dsn`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == VARIABLE or not name.startswith(("PG", "PYTHON", "COLUMNS", "FORCE_COLOR"))
    }
    return kept | {"TZ": "UTC"} | ({} if dsn is None else {"PGDISPATCH_DSN": dsn}) | more
