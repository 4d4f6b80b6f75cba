"""What the guard is told to run: the command lines of initdb and postgres, and their setting."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pgdispatch.embedded.account import Account
from pgdispatch.embedded.binaries import Binaries
from pgdispatch.embedded.folders import Folders

SUPERUSER = "pgdispatch"
PORT = "5432"  # names the socket file; no port is opened
KEPT_ENVIRONMENT = ("TZ", "LD_LIBRARY_PATH")


def make_order(
    folders: Folders, account: Account, binaries: Binaries, settings: Mapping[str, str]
) -> dict[str, Any]:
    """Return the guard's order (see `guard.Order`), but for the descriptors to inherit.

    Nothing of the caller's environment reaches the server but what it needs: no PG* variable, and
    none of root's secrets.
    """
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return {
        "parent": os.getpid(),
        "initdb": initdb_command(binaries, sync=settings.get("fsync") != "off"),
        "postgres": postgres_command(folders, binaries, settings),
        "data": str(folders.data),
        "log": str(folders.log),
        "uid": account.uid if account.switch else None,
        "gid": account.gid if account.switch else None,
        "environment": {"PATH": os.defpath, "LC_ALL": "C", **kept},
        "discard": [str(folder) for folder in folders.discard],
    }


def postgres_command(
    folders: Folders, binaries: Binaries, settings: Mapping[str, str]
) -> list[str]:
    """Return the command line of the server: a unix socket and nothing else."""
    own = {
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": str(folders.socket),
        "unix_socket_permissions": "0700",
        "cluster_name": "pgdispatch",
    }
    # Dynamic shared memory as files in the data folder: a killed server leaves none in /dev/shm,
    # and containers, which have little room there, do not run out of it.
    defaults = {"dynamic_shared_memory_type": "mmap"}
    command = [str(binaries.folder / "postgres"), "-D", str(folders.data)]
    for name, value in {**defaults, **settings, **own}.items():
        command += ["-c", f"{name}={value}"]
    return command


def initdb_command(binaries: Binaries, *, sync: bool) -> list[str]:
    """Return the command line of initdb, but for the data folder: UTF-8, C.UTF-8, checksums.

    From version 17 on the locale is PostgreSQL's own, the same on every machine.
    """
    locale = ["--locale=C.UTF-8"]
    if binaries.version >= 17:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [
        str(binaries.folder / "initdb"),
        f"--username={SUPERUSER}",
        "--auth-local=trust",
        "--auth-host=reject",
        "--encoding=UTF8",
        *locale,
        "--data-checksums",
        "--no-instructions",
        *([] if sync else ["--no-sync"]),
    ]
