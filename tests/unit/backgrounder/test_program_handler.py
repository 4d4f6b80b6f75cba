"""A program as a handler, without a worker."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from pgdispatch.backgrounder.program_handler import ProgramError, program
from pgdispatch.errors import InvalidInputError
from pgdispatch.ipc.secrecy import FOR_PROGRAMS
from pgdispatch.testing import RecordingContext, context
from support.nodes.processes import is_alive


def shell(script: str) -> list[str]:
    """Return the command that runs a script."""
    return ["/bin/sh", "-c", script]


def ran(command: list[str], subject: RecordingContext | None = None) -> list[str]:
    """Run a program to its good end; return the lines of its log."""
    subject = subject or context("system", args={"rows": 3})
    program(command)(subject)
    return subject.lines


def test_a_program_reads_the_job_as_one_line_of_json() -> None:
    """All that a Python handler gets, too."""
    (line,) = ran(shell("cat"))

    given = json.loads(line)
    assert (given["id"], given["attempt"], given["type"]) == (1, 1, "system")
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
        (
            shell("echo one; echo no disk; echo; exit 4"),
            "the program exited with status 4: no disk",
        ),
        (shell("kill -9 $$"), "the program was killed by SIGKILL"),
        (shell("echo last words; kill -40 $$"), "the program was killed by signal 40: last words"),
    ],
)
def test_a_program_that_does_not_end_well_fails_the_job(command: list[str], error: str) -> None:
    """The error says how it ended, and what it said last."""
    with pytest.raises(ProgramError) as failed:
        ran(command)

    assert str(failed.value) == error


@pytest.mark.parametrize(
    ("name", "text", "message", "hint"),
    [
        (None, None, "the program {} is not there", "install it"),
        ("plain", "exit 0", "the program {} may not be run", "chmod \\+x"),
        (
            "old",
            "#!/opt/python2/bin/python\n",
            "is to be run by /opt/python2/bin/python",
            "install",
        ),
        ("far", "#!/usr/bin/env python2.1\n", "is to be run by python2.1, which is not", "install"),
    ],
)
def test_a_program_that_cannot_be_started_is_refused_at_once(
    tmp_path: Path, name: str | None, text: str | None, message: str, hint: str
) -> None:
    """Before there is a job for it."""
    path = tmp_path / (name or "absent")
    if text is not None:
        path.write_text(text)
        path.chmod(0o644 if name == "plain" else 0o755)

    with pytest.raises(InvalidInputError, match=re.escape(message.format(path))) as refused:
        program([str(path)])

    assert re.match(hint, refused.value.hint or "")


@pytest.mark.parametrize("first", ["#!/bin/sh", "#!/usr/bin/env sh", "#! /usr/bin/env -S sh -e"])
def test_a_script_is_run_by_what_its_first_line_names(tmp_path: Path, first: str) -> None:
    """All of these are there."""
    script = tmp_path / "script"
    script.write_text(f"{first}\necho done\n")
    script.chmod(0o755)

    assert ran([str(script)]) == ["done"]


def test_a_program_that_has_gone_meanwhile_fails_its_job(tmp_path: Path) -> None:
    """It was there when the node started."""
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    handler = program([str(script)])
    script.unlink()

    with pytest.raises(ProgramError, match=f"cannot start {script}: No such file or directory"):
        handler(context("system"))


def test_a_program_sees_no_more_of_the_environment_than_it_should(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the names of secrets are; what its configuration gives it comes on top."""
    for name in ("PGPASSWORD", "PGDISPATCH_DSN", "ETL_DSN", "AWS_SECRET_ACCESS_KEY", "LD_PRELOAD"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("LC_TIME", "C")
    monkeypatch.setenv("TZ", "UTC")
    subject = context("system")

    program(["/usr/bin/env"], environment={"MODE": "all"})(subject)

    lines = subject.lines
    names = {line.partition("=")[0] for line in lines}
    assert {"MODE=all", "LC_TIME=C", "TZ=UTC", f"PATH={os.environ['PATH']}"} <= set(lines)
    allowed = {*FOR_PROGRAMS, "MODE"}
    assert {name for name in names if not name.startswith("LC_")} <= allowed


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
