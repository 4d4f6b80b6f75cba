"""Amounts as people write them: `512MB`, `1.5GB`; in units of 1024, as PostgreSQL's."""

from __future__ import annotations

import math
import re

from pgdispatch.errors import InvalidInputError

UNITS = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
FORM = re.compile(r"\s*([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([kmgt]?b)\s*", re.ASCII | re.IGNORECASE)
LEAST = 64 * UNITS["MB"]
LEAST_LOG, MOST_LOG = 64 * UNITS["KB"], 256 * UNITS["MB"]


def memory_limit(text: str, *, where: str) -> int:
    """Return a limit of memory in bytes. Raises `InvalidInputError`, naming `where` it stands."""
    limit = _amount(text, f"{where} {text!r} is not an amount of memory")
    if limit < LEAST:
        raise InvalidInputError(
            f"{where} {text} is too little: a process of ours needs some 40 MB by itself",
            hint=f"give {megabytes(LEAST)} or more",
        )
    return limit


def log_limit(text: str, *, where: str) -> int:
    """Return how many bytes of a log are kept. Raises `InvalidInputError`, naming `where`."""
    limit = _amount(text, f"{where} {text!r} is not an amount")
    if not LEAST_LOG <= limit <= MOST_LOG:
        raise InvalidInputError(
            f"{where} {text} is too {'little' if limit < LEAST_LOG else 'much'}: a process holds "
            "that in memory, and 32 KB are kept in any case",
            hint="give 64KB to 256MB",
        )
    return limit


def _amount(text: str, complaint: str) -> int:
    found = FORM.fullmatch(text)
    if found is None:
        raise InvalidInputError(complaint, hint="write for example 512MB or 2GB")
    return int(float(found[1]) * UNITS[found[2].upper()])


def megabytes(amount: int) -> str:
    """Return an amount for people to read, in MB rounded up: over a limit never reads as equal."""
    return f"{math.ceil(amount / UNITS['MB'])} MB"
