"""Read JSON that PostgreSQL holds. Python cannot always: its nesting and numbers have limits."""

from __future__ import annotations

import json
from typing import Any

DEEPEST = 200  # levels that may be written out again, wherever the stack has got to


def read_json(text: str | bytes) -> Any:
    """Return what JSON says; the text itself if Python cannot read it.

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
    return text.decode() if isinstance(text, bytes) else text


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
