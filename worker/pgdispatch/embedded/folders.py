"""The folders of an embedded server: its data, socket, log and lock."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from pgdispatch.embedded.account import Account, name_of
from pgdispatch.embedded.failure import EmbeddedServerError
from pgdispatch.host.home import expanded

ROOT_DATA_FOLDER = Path("/var/lib/pgdispatch")
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 103  # bytes; Linux allows 107, macOS 103


@dataclass(frozen=True)
class Folders:
    """Where one server keeps what.

    `root` belongs to the caller; `data` (the cluster) and `socket` belong to the server's account,
    mode 0700. `discard` are the folders to remove once the server has ended.
    """

    root: Path
    socket: Path
    discard: tuple[Path, ...]

    @property
    def data(self) -> Path:
        """The cluster's own folder, PGDATA."""
        return self.root / "pgdata"

    @property
    def log(self) -> Path:
        """The log of the server as it runs now."""
        return self.root / "server.log"


def default_data_folder() -> Path:
    """Return the data folder of this user: /var/lib/pgdispatch for root.

    Raises EmbeddedServerError for an account that has no home.
    """
    if os.geteuid() == 0:
        return ROOT_DATA_FOLDER
    try:
        return Path(platformdirs.user_data_dir("pgdispatch", appauthor=False))
    except RuntimeError as error:
        raise EmbeddedServerError(
            f'user "{name_of(os.geteuid())}" has no home to keep data in',
            hint="name a data folder, or set HOME",
        ) from error


def make_folders(data_folder: Path | None, account: Account) -> Folders:
    """Make the folders of a server, at `data_folder` or in a temporary place."""
    if data_folder is None:
        root = temporary_folder(account)
        discard: tuple[Path, ...] = (root,)
    else:
        root = expanded(data_folder).absolute()
        make_root(root, account)
        discard = ()
    socket = root / "socket"
    if len(os.fsencode(socket / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
        # A random name each time: a stable one in a shared folder could be taken by others.
        outer = temporary_folder(account)
        socket = outer / "socket"
        discard = (*discard, outer)
    socket.mkdir(exist_ok=True)
    account.own(socket)
    return Folders(root, socket, discard)


def make_root(root: Path, account: Account) -> None:
    """Make the data folder unless it is there; refuse one that cannot serve."""
    nearest = next(folder for folder in (root, *root.parents) if os.path.lexists(folder))
    if not account.reaches(nearest):
        raise EmbeddedServerError(
            f'user "{account.name}", as which the server runs, cannot enter {nearest}',
            hint=f"choose a data folder elsewhere, for example {default_data_folder()}",
        )
    try:
        if nearest != root:
            root.mkdir(parents=True)
            root.chmod(0o755 if account.switch else 0o700)
        os.listdir(root)
    except OSError as error:
        raise EmbeddedServerError(
            f"{root} cannot be used as a data folder: {error.strerror}",
            hint="choose another data folder, or set its permissions",
        ) from error
    if (root / "PG_VERSION").exists():
        raise EmbeddedServerError(
            f"{root} is a data directory of PostgreSQL itself, which pgdispatch did not make",
            hint="choose another data folder, or start that server and connect with --dsn",
        )


def temporary_folder(account: Account) -> Path:
    """Make a temporary folder with a short path that `account` can pass through."""
    for place in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - mkdtemp is safe there
        if len(os.fsencode(place)) < 60 and account.reaches(Path(place)):
            folder = Path(tempfile.mkdtemp(prefix="pgdispatch-", dir=place))
            folder.chmod(0o711 if account.switch else 0o700)
            return folder
    raise EmbeddedServerError(
        f'user "{account.name}" can use no folder for temporary files',
        hint="set TMPDIR to a folder with a short path that this user can enter",
    )


def lock(folders: Folders) -> int:
    """Take the data folder for one server; return the file descriptor that holds it.

    Whoever inherits the descriptor holds the folder too, until the last of them has ended.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    holder = os.open(folders.root / "lock", flags, 0o600)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(holder)
        raise in_use(folders, None) from None
    return holder


def check_data(folders: Folders, version: int, account: Account) -> None:
    """Refuse data that these binaries or this account cannot serve, or that is being served.

    Call it with the lock held. Removes a postmaster.pid that a crash has left and whose process
    number now belongs to another program.
    """
    data = folders.data
    if not data.exists():
        return
    owner = data.stat().st_uid
    if owner != account.uid:
        raise EmbeddedServerError(
            f'{data} belongs to user "{name_of(owner)}", the server runs as "{account.name}"',
            hint=f'run pgdispatch as "{name_of(owner)}", or as root with'
            f" PGDISPATCH_PG_USER={name_of(owner)}",
        )
    try:
        found = (data / "PG_VERSION").read_text().strip()
    except OSError:
        raise EmbeddedServerError(
            f"{data} is not a data directory of PostgreSQL", hint="choose another data folder"
        ) from None
    if found != str(version):
        raise EmbeddedServerError(
            f"{data} was made by PostgreSQL {found}, the binaries are PostgreSQL {version}",
            hint=f"set PGDISPATCH_PG_BIN to PostgreSQL {found}, or move the data over with"
            " pg_dump and pg_restore",
        )
    check_postmaster(folders)


def check_postmaster(folders: Folders) -> None:
    """Refuse a cluster that a server started by other means is using."""
    pid_file = folders.data / "postmaster.pid"
    if sys.platform != "linux" or not pid_file.exists():
        return  # elsewhere PostgreSQL's own check has to do
    first_line = pid_file.read_text().partition("\n")[0].strip()
    try:
        working_folder = Path(f"/proc/{int(first_line)}/cwd").readlink()
    except (OSError, ValueError):
        return  # no such process, or another account's: PostgreSQL itself knows it for stale
    if working_folder == folders.data.resolve():
        raise in_use(folders, int(first_line))
    pid_file.unlink()


def in_use(folders: Folders, pid: int | None) -> EmbeddedServerError:
    """Return the error for a data folder that a live server holds."""
    return EmbeddedServerError(
        f"another server is using {folders.root}",
        detail=f"its process is {pid}" if pid else None,
        hint=f"stop that server first, or use it: --dsn 'host={folders.socket} user=pgdispatch'",
    )


def discard(folders: Folders) -> None:
    """Remove what was made for a server that never came to run."""
    for folder in folders.discard:
        shutil.rmtree(folder, ignore_errors=True)
