"""Commands as forks of a process that has loaded what they import: half of a short one's time."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from pathlib import Path
from typing import IO, Any

LOADED = (  # what most commands come to import
    "support.cli.forks",
    "pgdispatch_cli.changing",
    "pgdispatch_cli.filtering",
    "pgdispatch_cli.main",
    "pgdispatch_cli.many",
    "pgdispatch_cli.transaction",
    "rich.console",
    "rich.table",
    "sqlalchemy.dialects.postgresql.psycopg",
)
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(list(LOADED))


def run_fork(
    arguments: list[str], environment: dict[str, str], out: Path, err: Path, seconds: float
) -> int:
    """Run `pgdispatch` with just this environment, its output into files; return its exit status.

    A status below zero is that of a signal. Raises `TimeoutError` after so many `seconds`.
    """
    process = FORKS.Process(
        target=_command, args=(arguments, environment, str(out), str(err)), daemon=True
    )
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        raise TimeoutError(f"still running after {seconds} s: {arguments}")
    return process.exitcode


def _command(arguments: list[str], environment: dict[str, str], out: str, err: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    streams = (("stdin", os.devnull, "r"), ("stdout", out, "w"), ("stderr", err, "w"))
    for descriptor, (name, path, mode) in enumerate(streams):
        stream = _opened(descriptor, path, mode)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.argv = ["pgdispatch", *arguments]
    from pgdispatch_cli.start import main  # noqa: PLC0415  # with that environment, if not yet

    sys.exit(main())


def _opened(descriptor: int, path: str, mode: str) -> IO[Any]:
    """Return a stream of `descriptor`, which from now on is the file at `path`."""
    with open(path, mode, encoding="utf-8") as file:  # the device has no text path
        os.dup2(file.fileno(), descriptor)
    return open(descriptor, mode, encoding="utf-8", closefd=False)
