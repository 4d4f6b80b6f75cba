"""Files of the storage folder: safe names, and files that appear whole or not at all.

    SITE/extracts/NAME/current -> .build-…    see extract/files.py
    SITE/reports/NAME/….html                  reports
    .….partial                                a file that is being written

SITE and NAME are made by `slug`, so that no name leads out of its folder.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL = ".partial"
NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}


def slug(name: str) -> str:
    """Return a file name for `name`: readable, and different for every name."""
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-")
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{readable}-{digest}" if readable else digest


def folder_for(storage: Path, site: str, kind: str, name: str) -> Path:
    """Return the folder of one definition's files for one site, and make it."""
    folder = storage / slug(site) / kind / slug(name)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def partial_file(target: Path) -> Iterator[Path]:
    """Yield the path of a hidden file beside `target`; it is removed at the end if still there."""
    partial = target.parent / f".{target.name}.{secrets.token_hex(4)}{PARTIAL}"
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


def publish(partial: Path, target: Path) -> None:
    """Give a finished partial file its name, durably; raises FileExistsError if it is taken."""
    _sync(partial)
    try:
        os.link(partial, target)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        if target.exists():
            raise FileExistsError(errno.EEXIST, "file exists", str(target)) from error
        os.rename(partial, target)
    else:
        partial.unlink()
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
