"""The log of a node's processes on standard error: one line an event, in one of three forms.

`text` has a time and a level, for a terminal or a file; `journal` a priority such as `<4>`, which
systemd's journal takes off again and notes with a time of its own; `json` is an object a line.
Nothing in a line can break it, nor reach a terminal: what is not printable is escaped.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.host.streams import be_lenient, printable

logger = logging.getLogger("pgdispatch")

LEVELS = ("debug", "info", "warning", "error")
FORMS = ("text", "journal", "json")
LEVEL, FORM = "PGDISPATCH_LOG_LEVEL", "PGDISPATCH_LOG_FORMAT"  # a node's processes get them, too
JOBS = "PGDISPATCH_LOG_JOBS"  # likewise
PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3}


class LineFormatter(logging.Formatter):
    """Write a record as `text` or `journal`; the lines of a traceback are lines of their own."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or lines, of one record."""
        lines = [record.getMessage()]
        if record.exc_info:
            lines += [f"    {line}" for line in self.formatException(record.exc_info).splitlines()]
        head = self._head(record)
        return "\n".join(head + printable(line) for line in lines)

    def _head(self, record: logging.LogRecord) -> str:
        if self._form == "journal":
            return f"<{PRIORITIES.get(record.levelno, 3)}>"
        return f"{instant(record)} {record.levelname.lower():7} "


class JsonFormatter(logging.Formatter):
    """Write a record as an object: `time`, `level`, `message`, and the facts of what happened."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of one record."""
        facts: Mapping[str, Any] = getattr(record, "facts", {})
        line = {
            "time": instant(record),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **{name: value for name, value in facts.items() if value is not None},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def instant(record: logging.LogRecord) -> str:
    """Return when a record was made, in this machine's zone, to the millisecond."""
    made = datetime.fromtimestamp(record.created).astimezone()
    return made.isoformat(sep="T", timespec="milliseconds")


def set_up(*, level: str | None = None, form: str | None = None) -> None:
    """Let this process log to standard error, and those that it starts do so alike.

    What is None comes from the environment. Raises `InvalidInputError` for what is there if it is
    no level, or no form.
    """
    be_lenient()
    os.environ[LEVEL] = level = _chosen(level, LEVEL, LEVELS, "info")
    os.environ[FORM] = form = _chosen(form, FORM, FORMS, usual_form())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else LineFormatter(form))
    logging.basicConfig(handlers=[handler], force=True)
    logging.getLogger("pgdispatch").setLevel(level.upper())
    logging.getLogger().setLevel("INFO" if level == "debug" else level.upper())  # others' details
    logging.captureWarnings(True)
    threading.excepthook = log_thread
    logging.raiseExceptions = False  # a handler may have closed the stream


def tell(error: PgdispatchError) -> None:
    """Log why this process ends: with detail and hint as facts, or in lines of their own."""
    facts = {"detail": error.detail, "hint": error.hint}
    logger.error("%s", error.message, extra={"facts": facts})
    if os.environ[FORM] != "json":
        for name, text in facts.items():
            if text:
                logger.error("%s: %s", name, text)


def log_thread(ended: threading.ExceptHookArgs, log: logging.Logger = logger) -> None:
    """Tell of a thread, of a handler's for example, that ended with an exception."""
    if ended.exc_value is not None:
        name = ended.thread.name if ended.thread else "a thread"
        log.error("%s ended with an exception", name, exc_info=ended.exc_value)


def is_echoing() -> bool:
    """Tell whether what jobs log is to be in the log of the node, too."""
    return os.environ.get(JOBS, "").lower() in ("1", "true", "yes", "on")


def usual_form() -> str:
    """Return `journal` if standard error is systemd's journal, as it says, or else `text`."""
    try:
        found = os.fstat(2)
    except OSError:
        return "text"
    is_journal = os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"
    return "journal" if is_journal else "text"


def _chosen(given: str | None, variable: str, known: tuple[str, ...], usual: str) -> str:
    chosen = given or os.environ.get(variable) or usual
    if chosen.lower() not in known:
        raise InvalidInputError(f"{variable} is {chosen!r}", hint=f"use one of: {', '.join(known)}")
    return chosen.lower()
