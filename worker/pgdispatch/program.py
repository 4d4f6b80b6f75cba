"""A program as a handler: the job as JSON on its standard input, its output as the log tail."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict

from pgdispatch.handler import Context, Handler

LOOK_EVERY = 0.2
LONGEST_LINE = 65_536
SECRETS = ("PGDISPATCH_DSN", "PGPASSWORD")


class ProgramError(Exception):
    """The program could not be started, or did not end with status 0."""


def program(command: Sequence[str]) -> Handler:
    """Return a handler that runs `command`, without a shell, for each job.

    The job arrives as one JSON object on standard input: its id, attempt, type, site, title,
    datasource, schedule, task, priority, args and so on. Exit status 0 is success. Asked to stop,
    it gets SIGTERM. Its environment is the node's without PGDISPATCH_DSN and PGPASSWORD: what it
    writes becomes the job's log.
    """

    def handle(context: Context) -> None:
        process = _start(command)
        feeder = threading.Thread(target=_feed, args=(process, context), daemon=True)
        reader = threading.Thread(target=_read, args=(process, context), daemon=True)
        feeder.start()
        reader.start()
        status = _wait(process, context)
        reader.join(timeout=2)
        if status != 0:
            raise ProgramError(_describe(status))

    return handle


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={name: value for name, value in os.environ.items() if name not in SECRETS},
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )
    except OSError as error:
        raise ProgramError(f"cannot start {command[0]}: {error.strerror}") from error


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _feed(process: subprocess.Popen[bytes], context: Context) -> None:
    if process.stdin is None:
        return
    try:
        with process.stdin as stdin:
            stdin.write(json.dumps(asdict(context.job), default=str).encode() + b"\n")
    except OSError:
        return  # a program need not read its input


def _read(process: subprocess.Popen[bytes], context: Context) -> None:
    stdout = process.stdout
    if stdout is not None:
        for line in iter(lambda: stdout.readline(LONGEST_LINE), b""):
            context.log(line.decode(errors="replace").rstrip("\n"))


def _wait(process: subprocess.Popen[bytes], context: Context) -> int:
    is_asked = False
    while True:
        try:
            return process.wait(timeout=LOOK_EVERY)
        except subprocess.TimeoutExpired:
            if context.stop_requested is not None and not is_asked:
                is_asked = True
                process.terminate()


def _describe(status: int) -> str:
    if status < 0:
        return f"the program was killed by {signal.Signals(-status).name}"
    return f"the program exited with status {status}"
