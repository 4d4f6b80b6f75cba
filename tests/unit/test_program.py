"""A program as a handler, without a worker."""

from __future__ import annotations

import json
import os
import signal
import sys

import pytest

from pgdispatch.program import ProgramError, program
from support.handler_context import RecordingContext, context
from support.processes import is_alive


def shell(script: str) -> list[str]:
    """Return the command that runs a script."""
    return ["/bin/sh", "-c", script]


def ran(command: list[str], subject: RecordingContext | None = None) -> list[str]:
    """Run a program to its good end; return the lines of its log."""
    subject = subject or context("system", args={"rows": 3})
    program(command)(subject)
    return (subject.log_tail.text() or "").splitlines()


def test_a_program_reads_the_job_as_one_line_of_json() -> None:
    """All that a Python handler gets, too."""
    (line,) = ran(shell("cat"))

    given = json.loads(line)
    assert (given["id"], given["attempt"], given["type"]) == (12, 1, "system")
    assert given["args"] == {"rows": 3}


def test_a_program_need_not_read_its_input() -> None:
    """Even when there is much of it."""
    assert ran(shell("echo done"), context("system", args={"x": "y" * 1_000_000})) == ["done"]


def test_both_outputs_of_a_program_are_the_log() -> None:
    """In the order in which they came, with a mark for what is no UTF-8."""
    assert ran(shell("echo one; echo two >&2; printf 'caf\\351'")) == ["one", "two", "caf\ufffd"]


def test_no_shell_comes_between() -> None:
    """Words stay words."""
    script = "import sys; print(sys.argv[1:])"

    assert ran([sys.executable, "-c", script, "$HOME", "a b", "; false"]) == [
        "['$HOME', 'a b', '; false']"
    ]


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (shell("exit 4"), "the program exited with status 4"),
        (shell("kill -9 $$"), "the program was killed by SIGKILL"),
        (["/nowhere"], "cannot start /nowhere: No such file or directory"),
        (["/etc/passwd"], "cannot start /etc/passwd: Permission denied"),
    ],
)
def test_a_program_that_does_not_end_well_fails_the_job(command: list[str], error: str) -> None:
    """The error says how it ended."""
    with pytest.raises(ProgramError) as failed:
        ran(command)

    assert str(failed.value) == error


def test_a_program_that_should_stop_gets_sigterm_once() -> None:
    """It may clean up; its status counts."""
    subject = context("system")
    subject.request_stop("cancelled")
    script = "trap 'echo asked; exit 5' TERM; while :; do sleep 0.02; done"

    with pytest.raises(ProgramError, match=r"status 5|SIGTERM"):
        ran(shell(script), subject)


def test_a_program_that_leaves_a_child_with_its_output_has_ended() -> None:
    """The child is not waited for."""
    (child,) = ran(shell("sleep 30 & echo $!"))

    assert is_alive(int(child))
    os.kill(int(child), signal.SIGKILL)
