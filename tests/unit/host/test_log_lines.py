"""A line of a node's log is one line, in each of its forms."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys

import pytest

from pgdispatch.host import log_lines
from pgdispatch.host.log_lines import JsonFormatter, LineFormatter


def record(message: str, *, level: int = logging.WARNING, **more: object) -> logging.LogRecord:
    """Return what would be logged."""
    made = logging.LogRecord("pgdispatch", level, __file__, 1, message, (), None)
    made.__dict__.update(more)
    return made


HOSTILE = "a\nb\r\x1b[31m\x85\u2028\udce9 “ok”"


@pytest.mark.parametrize("form", ["text", "journal"])
def test_nothing_in_a_message_breaks_its_line(form: str) -> None:
    """Nor reaches a terminal as anything but characters."""
    line = LineFormatter(form).format(record(HOSTILE))

    assert line.endswith(r"a\nb\r\x1b[31m\x85\u2028\udce9 “ok”")
    assert line.isprintable()


@pytest.mark.parametrize(
    ("level", "priority"),
    [(logging.DEBUG, 7), (logging.INFO, 6), (logging.WARNING, 4), (logging.ERROR, 3)],
)
def test_the_journal_is_told_how_bad_it_is(level: int, priority: int) -> None:
    """In syslog's numbers, and no time: it has its own."""
    assert LineFormatter("journal").format(record("x", level=level)) == f"<{priority}>x"


def test_each_line_of_a_traceback_has_its_priority() -> None:
    """Else the journal takes the rest for something else."""
    try:
        raise ValueError("one\ntwo")
    except ValueError:
        lines = LineFormatter("journal").format(record("x", exc_info=sys.exc_info())).split("\n")

    assert all(line.startswith("<4>") for line in lines)
    assert lines[-1] == "<4>    two"


def test_json_has_the_facts_that_are_known() -> None:
    """One object a line, whatever is in it."""
    line = JsonFormatter().format(record(HOSTILE, facts={"job": 7, "title": None}))
    found = json.loads(line)

    assert line.isascii()
    assert "\n" not in line
    assert (found["message"], found["level"], found["job"]) == (HOSTILE, "warning", 7)
    assert "title" not in found


def test_the_journal_is_known_by_its_device_and_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable alone may be inherited by somebody who writes elsewhere."""
    found = os.fstat(2)
    monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
    is_journal = log_lines.usual_form()
    monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino + 1}")

    assert is_journal == "journal"
    assert log_lines.usual_form() == "text"


def test_what_python_says_by_itself_has_the_form_too() -> None:
    """Warnings, and the end of a thread: a handler's, in most cases."""
    code = (
        "import threading, warnings; from pgdispatch.host import log_lines\n"
        "log_lines.set_up(form='json', level='info')\n"
        "warnings.warn('old')\n"
        "thread = threading.Thread(target=lambda: 1 / 0, name='mine')\n"
        "thread.start(); thread.join()\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    warned, ended = map(json.loads, done.stderr.splitlines())
    assert "UserWarning: old" in warned["message"]
    assert ended["message"] == "mine ended with an exception"
    assert "ZeroDivisionError" in ended["traceback"]
