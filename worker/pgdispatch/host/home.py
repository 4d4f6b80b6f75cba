"""The account that this process runs as, which need have neither a name nor a home."""

from __future__ import annotations

import os
import pwd
from contextlib import suppress
from pathlib import Path

from pgdispatch.errors import InvalidInputError


def is_nameless() -> bool:
    """Tell whether the account has no name, as in a container that is given any number."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return True
    return False


def home() -> Path | None:
    """Return the home folder, where libpq looks for it, too; None if there is none."""
    found = os.environ.get("HOME", "")
    with suppress(KeyError):
        found = found or pwd.getpwuid(os.getuid()).pw_dir
    return Path(found) if found else None


def expanded(path: Path) -> Path:
    """Return `path` with the home that `~` stands for. Raises `InvalidInputError` without one."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise InvalidInputError(
            f"{path} needs a home folder, and this process's account has none",
            hint="write the whole path, or set HOME",
        ) from error
