"""Everything that the demo needs around it: a server, two databases, mail, and two nodes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pgdispatch.database import session_settings
from pgdispatch.demo import definitions, demo_sql
from pgdispatch.demo.dataset import load_dataset
from pgdispatch.demo.mail import MailServer
from pgdispatch.embedded import EmbeddedServer
from pgdispatch.schema.installer import install

NODES = ("north", "south")
PROCESSES = 2
PATIENCE = 15.0


@dataclass(frozen=True)
class Stage:
    """What is up: the dispatch database, the source database, mail, and a folder for files."""

    dsn: str
    source_dsn: str
    mail: MailServer
    folder: Path
    psql_command: str


@contextmanager
def stage(*, is_kept: bool, say: Callable[[str], None]) -> Iterator[Stage]:
    """Start a server, install the schema, load the data set; take all of it down afterwards.

    With `is_kept` the folder stays, and `say` tells where it is.
    """
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="pgdispatch-demo-"))
        folder.chmod(0o755)  # the server's own account has to pass; its data folder is closed
        if is_kept:
            stack.callback(say, f"kept: {folder} (pgdispatch up --data-folder {folder / 'server'})")
        else:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        server = stack.enter_context(EmbeddedServer(folder / "server"))
        say("the server is up")
        for name in ("pgdispatch", "nycflights13"):
            server.create_database(name)
        dsn, source_dsn = server.dsn("pgdispatch"), server.dsn("nycflights13")
        install(dsn)
        say("the schema is installed")
        with session_settings.connect(source_dsn) as source:
            counts = load_dataset(source)
            source.execute(demo_sql.MAKE_CLOCK)
        say("loaded " + ", ".join(f"{count:,} {table}" for table, count in counts.items()))
        mail = stack.enter_context(MailServer())
        (folder / "files").mkdir()
        definitions.write(
            folder / "definitions.toml",
            dsn=source_dsn,
            storage=folder / "files",
            mail_port=mail.port,
        )
        yield Stage(dsn, source_dsn, mail, folder, server.psql_command("pgdispatch"))


@contextmanager
def nodes(place: Stage) -> Iterator[None]:
    """Run the demo's nodes as processes of their own; drain them at the end."""
    environment = {**os.environ, "PGDISPATCH_CATALOGUE": str(place.folder / "definitions.toml")}
    processes = []
    try:
        for name in NODES:
            with (place.folder / f"{name}.log").open("wb") as log:
                processes.append(
                    subprocess.Popen(
                        [
                            sys.executable,
                            "-m",
                            "pgdispatch.demo.node",
                            name,
                            str(PROCESSES),
                            place.dsn,
                        ],
                        env=environment,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
