"""Where the workloads run: one server with stock settings, fresh databases, and what is kept."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.report.figures import Samples
from benchmarks.sizes import Sizes
from pgdispatch.embedded import EmbeddedServer
from pgdispatch.host.procfs import end_with_parent
from pgdispatch.schema.installer import install

SETTINGS = {"max_connections": "250"}  # a hundred backgrounders on one node; all else is stock
TEMPLATE = "with_pgdispatch"
END_WITH_US = partial(end_with_parent, signal.SIGTERM)  # for after a fork, before its program


@dataclass
class Stage:
    """One run of the suite: the server, the amounts, the samples, and a folder for logs."""

    server: EmbeddedServer
    sizes: Sizes
    folder: Path
    say: Callable[[str], None]
    samples: Samples = field(default_factory=Samples)
    remarks: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @contextmanager
    def database(self, template: str | None = TEMPLATE) -> Iterator[str]:
        """Give the DSN of a fresh database, with pgdispatch in it; it is dropped afterwards."""
        name = f"bench_{next(self._numbers)}"
        self.server.create_database(name, template=template)
        try:
            yield self.server.dsn(name)
        finally:
            with self.connect() as connection:
                connection.execute(
                    sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
                )

    def connect(self, dsn: str | None = None, **options: Any) -> psycopg.Connection[Any]:
        """Connect to a database, or to the server's own, with each statement a transaction."""
        return psycopg.connect(dsn or self.server.dsn(), autocommit=True, **options)

    def settle(self, dsn: str) -> None:
        """Let nothing be left to do of what was loaded: vacuum, analyze, write out."""
        with self.connect(dsn) as connection:
            connection.execute("vacuum (analyze)")
            connection.execute("checkpoint")

    def once(self, name: str, measure: Callable[[], float]) -> float:
        """Return the sample of this name and round, measuring it if there is none yet."""
        found = self.samples.values.get(name, {}).get(self.samples.round)
        return self.samples.add(name, measure()) if found is None else found

    @cached_property
    def pgbench(self) -> Path | None:
        """The program pgbench of the server's binaries; None if they come without."""
        folder = self.server.binaries.folder if self.server.binaries else Path()
        found = folder / "pgbench"
        return found if found.exists() else None


@contextmanager
def open_stage(sizes: Sizes, say: Callable[[str], None]) -> Iterator[Stage]:
    """Give a stage with its server running; at the end nothing of it is left."""
    say("starting PostgreSQL")
    with (
        tempfile.TemporaryDirectory(prefix="pgdispatch-bench-") as folder,
        EmbeddedServer(settings=SETTINGS) as server,
    ):
        server.create_database(TEMPLATE)
        install(server.dsn(TEMPLATE))
        stage = Stage(server, sizes, Path(folder), say)
        if stage.pgbench is None:
            stage.remarks.append("pgbench is missing: no limit L4")
        yield stage


def file_system(folder: Path) -> str:
    """Return what kind of file system a folder is on, for example ext4."""
    if sys.platform != "linux":
        return "unknown"
    command = ["stat", "--file-system", "--format", "%T", str(folder)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
