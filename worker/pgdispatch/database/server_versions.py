"""Which major versions of PostgreSQL serve: what is older is refused, what is newer is remarked."""

from __future__ import annotations

OLDEST = 15
TESTED_UP_TO = 18


def major(number: int) -> int:
    """Return the major version of what a server calls its version: 18 for 180004."""
    return number // 10000


def untested(version: int | None) -> str | None:
    """Return what to say of a server of a major version newer than was tested, else None."""
    if version is None or version <= TESTED_UP_TO:
        return None
    return f"PostgreSQL {version} is newer than this version was tested with ({TESTED_UP_TO})"
