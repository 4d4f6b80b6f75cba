"""The SQL files under another schema's name, so that an installation beside it is not disturbed.

Roles belong to the whole cluster: they are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgdispatch.errors import InvalidInputError
from pgdispatch.schema import installer
from pgdispatch.schema.other_schema import render

OWN_NAME = "pgdispatch"
LEGAL = re.compile(r"[a-z_][a-z0-9_]{0,62}")
KEPT_ROLES = ("roles/public.sql",)


def check_name(schema: str) -> None:
    """Raise `InvalidInputError` unless `schema` can stand in the SQL files for the real name."""
    if schema == OWN_NAME:
        raise InvalidInputError(
            f"schema {OWN_NAME} is the real one", hint="choose another name with --schema"
        )
    if not LEGAL.fullmatch(schema) or schema.startswith("pg_"):
        raise InvalidInputError(
            f"{schema} is not a name for the schema",
            hint="use up to 63 lower-case letters, digits and underscores, not beginning with pg_",
        )


def scripts(schema: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of the SQL files, in the order in which they are applied."""
    for name, text in installer.scripts():
        if not name.startswith("roles/") or name in KEPT_ROLES:
            yield name, render(text, schema)
