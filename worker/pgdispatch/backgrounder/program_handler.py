"""A program as a handler: the job as JSON on its standard input, its output as the log tail."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.handler import Context, Handler
from pgdispatch.ipc.secrecy import for_programs
from pgdispatch.outcome import PAUSE, Fail, Snooze

LOOK_EVERY = 0.2
LONGEST_LINE = 65_536
LONGEST_SAYING = 500
FOR_GOOD, LATER = 65, 75  # EX_DATAERR and EX_TEMPFAIL of sysexits.h
TRACEPARENT = "TRACEPARENT"  # where programs look for the trace that they belong to


class ProgramError(PgdispatchError):
    """The program could not be started, or did not end with status 0."""


def program(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    drain_signal: signal.Signals | None = None,
) -> Handler:
    """Return a handler that runs `command`, without a shell, for each job.

    The job arrives as one JSON object on standard input: its id, attempt, type, site, title,
    datasource, schedule, task, priority, args and so on. Exit status 0 is success; after another
    one the last line of its output is the job's error: 65 fails it for good, after 75 it is tried
    again in a minute, and nothing has failed. Asked to stop, it gets SIGTERM; before, as soon as
    its node drains, `drain_signal` if there is one. It sees what every program may of the node's
    environment (see `secrecy`), and `environment`; and in TRACEPARENT the trace that the job
    belongs to, if any.
    Raises `InvalidInputError` if there is no such program.
    """
    given = {**for_programs(os.environ), **(environment or {})}
    _check(command[0], given.get("PATH", os.defpath))

    def handle(context: Context) -> None:
        trace = context.job.traceparent
        process = _start(command, given if trace is None else {**given, TRACEPARENT: trace})
        said: list[str] = [""]
        feeder = threading.Thread(target=_feed, args=(process, context), daemon=True)
        reader = threading.Thread(target=_read, args=(process, context, said), daemon=True)
        feeder.start()
        reader.start()
        status = _wait(process, context, drain_signal)
        reader.join(timeout=2)
        words = _describe(status)
        if status == FOR_GOOD:
            raise Fail(said[0], kind=words)
        if status == LATER:
            raise Snooze(said[0], after=PAUSE, kind=words)
        if status != 0:
            raise ProgramError(words + (f": {said[0]}" if said[0] else ""))

    return handle


def _check(name: str, path: str) -> None:
    """Refuse a program that could not be started: it, or what it names to be run by."""
    found = shutil.which(name, path=path)
    if found is None:
        is_there = "/" in name and Path(name).is_file()
        raise InvalidInputError(
            f"the program {name} {'may not be run' if is_there else 'is not there'}",
            detail=f"it was looked for in {path}" if "/" not in name else None,
            hint=f"chmod +x {name}, for the node's account"
            if is_there
            else "install it, or mend its path in the configuration file",
        )
    for word in _interpreter(Path(found)):
        if shutil.which(word, path=path) is None:
            raise InvalidInputError(
                f"the program {name} is to be run by {word}, which is not there",
                hint=f"install {word}, or mend the first line of {found}",
            )


def _interpreter(script: Path) -> list[str]:
    """Return what the first line of a script names to run it, and what `env` is to look for."""
    try:
        with script.open("rb") as file:
            line = file.readline(256)
    except OSError:  # that it cannot be read is no reason not to run it
        return []
    words = line[2:].decode(errors="replace").split() if line.startswith(b"#!") else []
    is_env = Path(words[0]).name == "env" if words[1:] else False
    names_one = is_env and not words[1].startswith("-") and "=" not in words[1]
    return words[:2] if names_one else words[:1]


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    except OSError as error:
        raise ProgramError(f"cannot start {command[0]}: {error.strerror}") from error


def _feed(process: subprocess.Popen[bytes], context: Context) -> None:
    if process.stdin is None:
        return
    try:
        with process.stdin as stdin:
            stdin.write(json.dumps(asdict(context.job), default=str).encode() + b"\n")
    except OSError:
        return  # a program need not read its input


def _read(process: subprocess.Popen[bytes], context: Context, said: list[str]) -> None:
    stdout = process.stdout
    if stdout is not None:
        for line in iter(lambda: stdout.readline(LONGEST_LINE), b""):
            text = line.decode(errors="replace").rstrip("\n")
            context.log(text)
            said[0] = text.strip()[:LONGEST_SAYING] or said[0]


def _wait(
    process: subprocess.Popen[bytes], context: Context, drain_signal: signal.Signals | None
) -> int:
    is_asked = False
    while True:
        try:
            return process.wait(timeout=LOOK_EVERY)
        except subprocess.TimeoutExpired:
            if drain_signal is not None and context.draining:
                process.send_signal(drain_signal)
                drain_signal = None
            if context.stop_requested is not None and not is_asked:
                is_asked = True
                process.terminate()


def _describe(status: int) -> str:
    if status >= 0:
        return f"the program exited with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:  # most real-time signals have no name
        name = f"signal {-status}"
    return f"the program was killed by {name}"
