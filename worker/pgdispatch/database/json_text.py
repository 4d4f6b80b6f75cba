"""JSON between PostgreSQL and Python, where one cannot hold all that the other can."""

from __future__ import annotations

import json
import re
from typing import Any

NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it, not a backslash and then u0000
DEEPEST = 200  # levels that may be written out again, wherever the stack has got to


def write_json(value: Any) -> str:
    """Return a value as JSON that PostgreSQL can store; raises ValueError if it cannot."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    text.encode()  # not with a lone surrogate
    if NUL.search(text):
        raise ValueError("it holds a NUL character, which PostgreSQL cannot store")
    return text


def read_json(text: str | bytes) -> Any:
    """Return what JSON says; the text itself if it is nested too deep or has too long a number.

    Who receives a row is not to stumble over what somebody has put into it.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _plain(text)


def read_shallow_json(text: str | bytes) -> Any:
    """Return what JSON says; the text itself if it is nested deeper than is of use to anybody."""
    value = read_json(text)
    level = [value]
    for _ in range(DEEPEST):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return value
    return _plain(text)


def _plain(text: str | bytes) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
