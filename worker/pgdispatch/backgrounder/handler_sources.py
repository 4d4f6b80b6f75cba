"""Find the handlers of a node: Python modules, entry points, and its configuration file.

A configuration file (TOML) names programs and stored procedures:

    memory = "512MB"            # what a job may use; more of this kind: see `limits`

    [handler.system]
    program = ["/usr/local/bin/housekeeping", "--all"]
    env = {MODE = "all"}        # seen by this program, beside PATH, HOME, the locale and the like
    pass_env = ["AWS_REGION"]   # what else it sees of the node's environment
    drain_signal = "USR1"       # what it gets as soon as its node drains; left out: nothing

    [handler.flow]
    procedure = "etl.run_flow"
    dsn_env = "ETL_DSN"         # where it is called; left out: the dispatch database

and the targets of notices (see `delivery.targets`), for which the node then delivers them.

What only some nodes need is imported only there: a backgrounder is one of many.
"""

from __future__ import annotations

import importlib
import os
import signal
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.handler import Handler, Handlers
from pgdispatch.host import limits
from pgdispatch.host.limits import Limits

ENTRY_POINTS = "pgdispatch.handlers"
TARGETS = "target"
KEYS = {
    "program": frozenset({"program", "env", "pass_env", "drain_signal"}),
    "procedure": frozenset({"procedure", "dsn_env"}),
}


def load(apps: Sequence[str], config: str | None, *, dsn: str | None) -> Handlers:
    """Return the handlers of all `apps` (`MODULE[:ATTRIBUTE]`) and of the configuration file.

    `dsn` is for procedures that name no other; None: there are none (see `calls_at_home`).

    Without `apps` and `config`, the entry points of group `pgdispatch.handlers` are used.
    Raises `InvalidInputError` when something is not there, is wrong, or when two serve one type.
    """
    found = Handlers()
    for app in apps:
        _merge(found, _from_module(app))
    if config is not None:
        _merge(found, from_config(Path(config), dsn=dsn))
    if not apps and config is None:
        from importlib.metadata import entry_points  # noqa: PLC0415

        for point in entry_points(group=ENTRY_POINTS):
            _merge(found, _checked(_loaded(point.value, point.load), point.value))
    if not found.types():
        raise InvalidInputError(
            "this node has no handlers", hint="name some with --app MODULE or --config FILE"
        )
    return found


def from_config(path: Path, *, dsn: str | None) -> Handlers:
    """Return the handlers that a configuration file names; `dsn` is for its procedures."""
    document = _document(path)
    sections = document.get("handler", {})
    unknown = sorted(set(document) - {"handler", TARGETS, *limits.KEYS})
    if unknown or not isinstance(sections, dict):
        raise InvalidInputError(
            f"{path} holds {', '.join(unknown) or 'a handler that is no table'}",
            hint="it may hold tables [handler.TYPE] and [target.NAME], "
            f"{', '.join(sorted(limits.KEYS))}",
        )
    handlers = Handlers()
    for job_type, section in sections.items():
        handlers.add(job_type, _from_section(section, f"{path}: [handler.{job_type}]", dsn))
    if TARGETS in document:
        from pgdispatch.delivery import notices, targets  # noqa: PLC0415

        handlers.add(notices.TYPE, notices.handler(targets.read_targets(document, path)))
    return handlers


def configured_targets(path: Path | None) -> list[str]:
    """Return the names of the targets of notices that a configuration file has, sorted."""
    found = {} if path is None else _document(path).get(TARGETS, {})
    return sorted(found) if isinstance(found, Mapping) else []


def configured_limits(path: Path | None) -> Limits:
    """Return the limits that a configuration file sets."""
    return Limits() if path is None else limits.configured(_document(path), str(path))


def calls_at_home(path: Path | None) -> bool:
    """Tell whether a configuration file has a procedure that is called in the dispatch database."""
    sections = {} if path is None else _document(path).get("handler", {})
    return isinstance(sections, Mapping) and any(
        isinstance(section, Mapping) and "procedure" in section and "dsn_env" not in section
        for section in sections.values()
    )


def _document(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidInputError(
            f"cannot read {path}: {error.strerror}", hint="name an existing file with --config"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path} is not TOML: {error}", hint="mend the file") from error


def _from_section(section: Any, where: str, dsn: str | None) -> Handler:
    kind = _kind(section, where)
    if kind == "procedure":
        from pgdispatch.backgrounder.procedure_handler import procedure  # noqa: PLC0415

        variable = section.get("dsn_env")
        called_at = dsn if variable is None else _variable(str(variable), where)
        if called_at is None:
            raise InvalidInputError(
                f"{where}: the node was started when there was no such procedure",
                hint="start the node anew, or name a database with dsn_env",
            )
        return procedure(str(section["procedure"]), dsn=called_at)
    if not _is_texts(section["program"]) or not section["program"]:
        raise InvalidInputError(
            f"{where}: program is not a list of texts",
            hint='write program = ["/path/to/program", "argument"]',
        )
    from pgdispatch.backgrounder.program_handler import program  # noqa: PLC0415

    try:
        return program(
            section["program"],
            environment=_environment(section, where),
            drain_signal=_drain_signal(section, where),
        )
    except InvalidInputError as error:
        raise InvalidInputError(
            f"{where}: {error.message}", detail=error.detail, hint=error.hint
        ) from error


def _kind(section: Any, where: str) -> str:
    """Return which kind of handler a section names, with nothing in it that this has not."""
    given = set(section) if isinstance(section, Mapping) else {str(section)}
    found = [kind for kind in KEYS if kind in given]
    may_have = KEYS[found[0]] if len(found) == 1 else frozenset[str]().union(*KEYS.values())
    if given - may_have:
        raise InvalidInputError(
            f"{where} has something unknown: {', '.join(sorted(given - may_have))}",
            hint=f"it may have: {', '.join(sorted(may_have))}",
        )
    if len(found) != 1:
        raise InvalidInputError(
            f"{where} needs either program or procedure", hint="give exactly one of them"
        )
    return found[0]


def _drain_signal(section: Mapping[str, Any], where: str) -> signal.Signals | None:
    name = section.get("drain_signal")
    if name is None:
        return None
    try:
        return signal.Signals[f"SIG{str(name).upper().removeprefix('SIG')}"]
    except KeyError:
        raise InvalidInputError(
            f"{where}: drain_signal {str(name)[:40]!r} is no signal",
            hint='write for example "USR1"',
        ) from None


def _environment(section: Mapping[str, Any], where: str) -> dict[str, str]:
    """Return what a program's section adds to what every program sees."""
    names, given = section.get("pass_env", []), section.get("env", {})
    if not _is_texts(names):
        raise InvalidInputError(
            f"{where}: pass_env is not a list of texts", hint='write pass_env = ["AWS_REGION"]'
        )
    if not isinstance(given, Mapping) or not all(map(_is_variable, given.items())):
        raise InvalidInputError(
            f"{where}: env is not a table of texts", hint='write env = {AWS_REGION = "eu-west-1"}'
        )
    return {**{name: _variable(name, where) for name in names}, **given}


def _is_variable(entry: tuple[str, Any]) -> bool:
    name, value = entry
    is_name = bool(name) and "=" not in name and "\0" not in name
    return is_name and isinstance(value, str) and "\0" not in value


def _variable(name: str, where: str) -> str:
    """Return a variable of the node's own environment, which has to be there."""
    if name not in os.environ:
        raise InvalidInputError(
            f"{where}: environment variable {name} is not set", hint="set it for this node"
        )
    return os.environ[name]


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


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
    except BaseException as error:  # a module may do anything when it is imported
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
