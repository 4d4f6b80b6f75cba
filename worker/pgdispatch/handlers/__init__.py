"""Ready-made handlers for every job type, driven by a catalogue file of the node's operator.

    PGDISPATCH_CATALOGUE=catalogue.toml pgdispatch worker --app pgdispatch.handlers …

A job only names a definition of the catalogue: by `args` {"definition": "name"}, else by its
datasource. The catalogue (see the package of that name) holds the data sources, the SQL and the
recipients.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pgdispatch.errors import InvalidInputError
from pgdispatch.handlers.catalogue import Catalogue, load_catalogue

if TYPE_CHECKING:
    from pgdispatch.handler import Handlers

__all__ = ["Catalogue", "build", "handlers", "load_catalogue"]


def build(catalogue: Catalogue) -> Handlers:
    """Return a registry with a handler for each of the seven job types, bound to `catalogue`."""
    from pgdispatch.handlers.registry import build as registry  # noqa: PLC0415 - only when used

    return registry(catalogue)


def _of_the_environment() -> Handlers:
    """Build `handlers` when it is first asked for, from the file that PGDISPATCH_CATALOGUE names.

    Raises InvalidInputError if the variable is not set or the file is wrong.
    """
    path = os.environ.get("PGDISPATCH_CATALOGUE")
    if not path:
        raise InvalidInputError(
            "no catalogue is named",
            detail="the app pgdispatch.handlers takes its definitions from a catalogue file",
            hint="set PGDISPATCH_CATALOGUE to the path of a catalogue file (TOML)",
        )
    built: Handlers = globals().setdefault("handlers", build(load_catalogue(Path(path))))
    return built


if TYPE_CHECKING:  # who checks types has to know of every name: a misspelt one is an error
    handlers: Handlers
else:

    def __getattr__(name: str) -> Handlers:
        if name == "handlers":
            return _of_the_environment()
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
