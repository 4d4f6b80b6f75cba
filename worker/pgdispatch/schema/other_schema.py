"""The SQL files under another schema's name.

The name of the schema is also the channel of NOTIFY; the classes of the advisory locks belong to
the whole database. Both are replaced.
"""

from __future__ import annotations

import re

NAME = re.compile(r"\bpgdispatch\b")
LOCKS = "1885824"  # how all classes begin, see the function lock_class
OTHER_LOCKS = "1885825"


def render(text: str, schema: str) -> str:
    """Return SQL text that names `schema`, and locks of its own, instead of the real ones."""
    return NAME.sub(schema, text).replace(LOCKS, OTHER_LOCKS)
