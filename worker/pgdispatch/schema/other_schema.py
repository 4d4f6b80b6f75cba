"""The SQL files under another schema's name.

The name of the schema is also the channel of NOTIFY; the classes of the advisory locks belong to
the whole database. Both are replaced.
"""

from __future__ import annotations

import re

NAME = re.compile(r"\bpgdispatch\b")
LOCK_CLASS = re.compile(r"\b1885824(\d{3})\b")
OTHER_LOCK_CLASS = r"1885825\1"


def render(text: str, schema: str) -> str:
    """Return SQL text that names `schema`, and locks of its own, instead of the real ones."""
    return LOCK_CLASS.sub(OTHER_LOCK_CLASS, NAME.sub(schema, text))
