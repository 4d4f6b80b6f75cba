"""A standby of a test's server, made by `pg_basebackup`; slots that it or a subscriber reads."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import make_conninfo

from pgdispatch.embedded import EmbeddedServer, find_binaries
from pgdispatch.embedded.account import server_account
from support.nodes.processes import wait_until
from support.sessions.ring import Ring

SLOT = "kept"
ACTIVE = f"select active from pg_replication_slots where slot_name = '{SLOT}'"


@contextmanager
def open_standby(
    primary: EmbeddedServer, folder: Path, *, name: str, **settings: str
) -> Iterator[EmbeddedServer]:
    """Give a running standby with its data in `folder`; the primary knows it by `name`.

    Its settings are those of the primary and `settings`.
    """
    binaries = primary.binaries or find_binaries()
    data = folder / "pgdata"
    folder.mkdir()
    subprocess.run(
        [str(binaries.folder / "pg_basebackup"), f"--dbname={primary.dsn()}", f"--pgdata={data}",
         "--checkpoint=fast", "--no-sync"],
        check=True, capture_output=True,
    )  # fmt: skip
    (data / "standby.signal").touch()
    give_to_server(data)
    conninfo = make_conninfo(primary.dsn(), application_name=name)
    given = {**primary.settings, **settings, "primary_conninfo": conninfo}
    with EmbeddedServer(folder, binaries=binaries, settings=given) as standby:
        yield standby


def give_to_server(folder: Path) -> None:
    """Make a folder and all that is in it the server account's own."""
    account = server_account()
    if account.switch:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)


@contextmanager
def following_by_slot(ring: Ring, far: Ring) -> Iterator[None]:
    """Let the standby, to which `far` leads, follow by a slot of the primary."""
    ring.watch.run("select pg_create_physical_replication_slot(%s)", SLOT)
    tell(far, f"alter system set primary_slot_name = {SLOT}")
    wait_until(lambda: ring.watch.value(ACTIVE))
    try:
        yield
    finally:
        tell(far, "alter system reset primary_slot_name")
        drop_slot(ring)


@contextmanager
def subscribing(primary: EmbeddedServer, ring: Ring) -> Iterator[None]:
    """Read all changes from a slot, as a subscriber does."""
    binaries = primary.binaries or find_binaries()
    ring.watch.run("create publication everything for all tables")
    ring.watch.run("select pg_create_logical_replication_slot(%s, 'pgoutput')", SLOT)
    reader = subprocess.Popen(
        [str(binaries.folder / "pg_recvlogical"), f"--dbname={ring.dsn}", f"--slot={SLOT}",
         "--start", "--no-loop", "--file=/dev/null",
         "--option=proto_version=1", "--option=publication_names=everything"]
    )  # fmt: skip
    try:
        wait_until(lambda: ring.watch.value(ACTIVE))
        yield
    finally:
        reader.kill()
        reader.wait()
        drop_slot(ring)


def tell(ring: Ring, statement: str) -> None:
    """Change a setting of a server."""
    ring.watch.run(statement)
    ring.watch.run("select pg_reload_conf()")


def drop_slot(ring: Ring) -> None:
    """Drop the slot as soon as nobody reads it."""
    wait_until(lambda: not ring.watch.value(ACTIVE))
    ring.watch.run("select pg_drop_replication_slot(%s)", SLOT)
