"""Find the handlers of a node: Python modules, entry points, and its configuration file.

A configuration file (TOML) names programs and stored procedures:

    memory = "512MB"            # that a job may use, if --memory does not say it

    [handler.system]
    program = ["/usr/local/bin/housekeeping", "--all"]

    [handler.flow]
    procedure = "etl.run_flow"
    dsn_env = "ETL_DSN"         # where it is called; left out: the dispatch database
"""

from __future__ import annotations

import importlib
import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.handler import Handler, Handlers
from pgdispatch.procedure import procedure
from pgdispatch.program import program
from pgdispatch.size import memory_limit

ENTRY_POINTS = "pgdispatch.handlers"
KEYS = frozenset({"program", "procedure", "dsn_env"})


def load(apps: Sequence[str], config: str | None, *, dsn: str) -> Handlers:
    """Return the handlers of all `apps` (`MODULE[:ATTRIBUTE]`) and of the configuration file.

    Without `apps` and `config`, the entry points of group `pgdispatch.handlers` are used.
    Raises `InvalidInputError` when something is not there, is wrong, or when two serve one type.
    """
    found = Handlers()
    for app in apps:
        _merge(found, _from_module(app))
    if config is not None:
        _merge(found, from_config(Path(config), dsn=dsn))
    if not apps and config is None:
        for point in entry_points(group=ENTRY_POINTS):
            _merge(found, _checked(_loaded(point.value, point.load), point.value))
    if not found.types():
        raise InvalidInputError(
            "this node has no handlers", hint="name some with --app MODULE or --config FILE"
        )
    return found


def from_config(path: Path, *, dsn: str) -> Handlers:
    """Return the handlers that a configuration file names; `dsn` is for its procedures."""
    document = _document(path)
    sections = document.get("handler", {})
    unknown = sorted(set(document) - {"handler", "memory"})
    if unknown or not isinstance(sections, dict):
        raise InvalidInputError(
            f"{path} holds {', '.join(unknown) or 'a handler that is no table'}",
            hint="it may hold tables [handler.TYPE] and memory only",
        )
    handlers = Handlers()
    for job_type, section in sections.items():
        handlers.add(job_type, _from_section(section, f"{path}: [handler.{job_type}]", dsn))
    return handlers


def configured_memory(path: Path | None) -> int | None:
    """Return the bytes that a configuration file lets a job use; None if it sets no limit."""
    limit = None if path is None else _document(path).get("memory")
    return None if limit is None else memory_limit(str(limit), where=f"{path}: memory")


def _document(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidInputError(
            f"cannot read {path}: {error.strerror}", hint="name an existing file with --config"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path} is not TOML: {error}", hint="mend the file") from error


def _from_section(section: Any, where: str, dsn: str) -> Handler:
    if not isinstance(section, Mapping) or set(section) - KEYS:
        raise InvalidInputError(
            f"{where} has something unknown", hint=f"it may have: {', '.join(sorted(KEYS))}"
        )
    command, name = section.get("program"), section.get("procedure")
    if (command is None) == (name is None):
        raise InvalidInputError(
            f"{where} needs either program or procedure", hint="give exactly one of them"
        )
    if command is not None:
        if not _is_command(command):
            raise InvalidInputError(
                f"{where}: program is not a list of texts",
                hint='write program = ["/path/to/program", "argument"]',
            )
        return program(command)
    variable = section.get("dsn_env")
    if variable is not None and variable not in os.environ:
        raise InvalidInputError(
            f"{where}: environment variable {variable} is not set", hint="set it for this node"
        )
    return procedure(str(name), dsn=dsn if variable is None else os.environ[variable])


def _is_command(command: Any) -> bool:
    return (
        isinstance(command, list)
        and bool(command)
        and all(isinstance(word, str) for word in command)
    )


def _from_module(app: str) -> Handlers:
    name, _, attribute = app.partition(":")
    return _checked(
        _loaded(
            app, lambda: getattr(importlib.import_module(name or "."), attribute or "handlers")
        ),
        app,
    )


def _loaded(name: str, load: Callable[[], Any]) -> Any:
    try:
        return load()
    except PgdispatchError:
        raise
    except (Exception, SystemExit) as error:  # a module may do anything when it is imported
        raise InvalidInputError(
            f"cannot load the application {name}: {type(error).__name__}: {error}",
            hint="name a module that can be imported from here, with a Handlers named handlers",
        ) from error


def _checked(found: Any, name: str) -> Handlers:
    if not isinstance(found, Handlers):
        raise InvalidInputError(
            f"{name} is a {type(found).__name__}, not a Handlers",
            hint="name it as MODULE:ATTRIBUTE",
        )
    return found


def _merge(into: Handlers, more: Handlers) -> None:
    for job_type in more.types():
        handler = more.get(job_type)
        if handler is not None:
            into.add(job_type, handler)
