"""The SQL files under another schema's name.

The name of the schema is also the channel of NOTIFY; the classes of the advisory locks belong to
the whole database. Both are replaced. A trigger that is looked for by its name has to be one of
this schema.
"""

from __future__ import annotations

import re

NAME = re.compile(r"\bpgdispatch\b")
LOCK_CLASS = re.compile(r"\b1885824(\d{3})\b")
OTHER_LOCK_CLASS = r"1885825\1"
TRIGGER = "from pg_trigger where tgname"
OWN_TRIGGER = "from pg_trigger where tgrelid::regclass::text like '{schema}.%' and tgname"


def render(text: str, schema: str) -> str:
    """Return SQL text that names `schema`, and locks of its own, instead of the real ones."""
    named = NAME.sub(schema, text).replace(TRIGGER, OWN_TRIGGER.format(schema=schema))
    return LOCK_CLASS.sub(OTHER_LOCK_CLASS, named)
