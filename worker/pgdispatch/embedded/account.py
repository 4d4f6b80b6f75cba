"""Which account the server runs as: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pgdispatch.embedded.failure import EmbeddedServerError
from pgdispatch.host.home import is_nameless

CHOICES_FOR_ROOT = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An operating system account; `switch` says that processes must change to it."""

    name: str
    uid: int
    gid: int
    switch: bool

    def reaches(self, folder: Path) -> bool:
        """Tell whether this account may enter `folder`, access lists and all, by trying."""
        if not self.switch:
            return os.access(folder, os.X_OK)
        try:
            tried = subprocess.run(
                ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                cwd="/",
                env={},
                check=False,
                user=self.uid,
                group=self.gid,
                extra_groups=[],
            )
        except PermissionError as error:
            raise EmbeddedServerError(
                f'this process is root but may not run programs as user "{self.name}"',
                detail=str(error),
                hint="run pgdispatch as an ordinary user",
            ) from error
        return tried.returncode == 0

    def own(self, folder: Path) -> None:
        """Make `folder` this account's alone (mode 0700)."""
        folder.chmod(0o700)
        if self.switch:
            os.chown(folder, self.uid, self.gid)


def server_account() -> Account:
    """Return the account that runs the server.

    It is the caller's own, or for root the one named by PGDISPATCH_PG_USER, else `postgres`, else
    `nobody`. Raises EmbeddedServerError if there is none, if the one named is root, and for a
    caller that has no name.
    """
    if is_nameless():
        raise EmbeddedServerError(
            f"the account with the number {os.geteuid()} has no name, which PostgreSQL needs",
            hint="run as a user of this machine or image; or use a server elsewhere with --dsn",
        )
    if os.geteuid() != 0:
        return Account(own_name(), os.geteuid(), os.getegid(), switch=False)
    named = os.environ.get("PGDISPATCH_PG_USER")
    for name in (named,) if named else CHOICES_FOR_ROOT:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid == 0:
            raise EmbeddedServerError(
                f'the server cannot run as user "{name}", which is root',
                hint="set PGDISPATCH_PG_USER to an ordinary user",
            )
        return Account(name, entry.pw_uid, entry.pw_gid, switch=True)
    wanted = f'user "{named}"' if named else 'user "postgres" or "nobody"'
    raise EmbeddedServerError(
        f"{wanted} does not exist",
        detail="PostgreSQL refuses to run as root",
        hint="set PGDISPATCH_PG_USER to an ordinary user",
    )


def own_name() -> str:
    """Return the caller's account name, or its number where there is no name (containers)."""
    return name_of(os.geteuid())


def name_of(uid: int) -> str:
    """Return the name of account `uid`, or the number where there is no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
