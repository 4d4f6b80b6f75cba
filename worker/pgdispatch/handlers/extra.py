"""Import what the extra `handlers` installs, and say how to get it when it is missing."""

from __future__ import annotations

import importlib
from typing import Any

from pgdispatch.errors import PgdispatchError


def module(name: str) -> Any:
    """Return the module `name`; raises PgdispatchError with the command that installs it."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise PgdispatchError(
            f"the package {name.partition('.')[0]} is not installed",
            detail="the ready-made handlers need it",
            hint="pip install 'pgdispatch[handlers]'",
        ) from error
