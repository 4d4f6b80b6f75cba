"""An application whose handlers misbehave as the job's `args` say: `{"do": "daemons", …}`.

Each writes the numbers of the processes that it has started to `started-JOB`. Those take no notice
of SIGTERM and go on for ever.
"""

from __future__ import annotations

import mmap
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pgdispatch import Context, Handlers
from support.nodes.node_app import FOLDER, deaf, may_end

handlers = Handlers()
MB = 1 << 20
ALARMS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
KEPT: list[bytes] = []
KEPT_OPEN: list[int] = []


def note(context: Context, *pids: int) -> None:
    """Write down what was started, whole or not at all."""
    path = FOLDER / f"started-{context.job.id}"
    path.with_suffix(".new").write_text("".join(f"{pid}\n" for pid in pids))
    path.with_suffix(".new").rename(path)


def fork_stubborn(use: int = 0, *, leaves: bool = False, start: int | None = None) -> int:
    """Fork a process that uses so many bytes, and is a daemon if it `leaves`; return its number.

    It uses them at once, or as soon as it has read a byte from `start`.
    """
    reader, writer = os.pipe()
    if os.fork() == 0:
        if leaves:
            os.setsid()
            if os.fork() != 0:
                os._exit(0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        held = b"x" * use if start is None else b""
        os.write(writer, f"{os.getpid()}\n".encode())
        if start is not None and os.read(start, 1):
            held = b"x" * use
        while held is not None:
            signal.pause()
    return int(os.read(reader, 20))


def daemons(context: Context) -> Any:
    """Start two programs that leave the process group and two that stay, and end when told to."""
    group = [fork_stubborn(), fork_stubborn(leaves=True)]
    program = subprocess.Popen(["/bin/sleep", "300"], start_new_session=True)
    loop = "trap '' TERM; while :; do sleep 300; done"
    orphan = subprocess.run(
        ["/bin/sh", "-c", f"({loop}) >&2 & echo $!"], stdout=subprocess.PIPE, check=True
    )
    note(context, *group, program.pid, int(orphan.stdout))
    return deaf(context)


def eat(context: Context) -> Any:
    """Use memory until somebody puts an end to it."""
    note(context)
    held = []
    while not may_end(context):
        held.append(b"x" * (8 * MB))
        context.wait(0.01)
    return {"eaten": len(held)}


def feed(context: Context) -> Any:
    """Have two children and a daemon use 60 MB each once they are written down, and wait."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    reader, writer = os.pipe()
    kinds = (False, False, True)
    note(context, *(fork_stubborn(60 * MB, leaves=leaves, start=reader) for leaves in kinds))
    os.write(writer, b"x" * len(kinds))
    return deaf(context)


def share(context: Context) -> Any:
    """Have four children look at the same 80 MB, and wait."""
    block = mmap.mmap(-1, 80 * MB)
    for start in range(0, len(block), mmap.PAGESIZE):
        block[start] = 1
    pids = []
    for _ in range(4):
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.write(writer, str(sum(block[:: mmap.PAGESIZE])).encode())
            while block:
                signal.pause()
        os.read(reader, 20)
        pids.append(pid)
    note(context, *pids)
    return deaf(context)


def keep(context: Context) -> Any:
    """Keep some MB for ever, as a cache or a leak does."""
    KEPT.append(b"x" * (context.job.args["mb"] * MB))
    return pid()


def raise_child(context: Context) -> Any:
    """Leave a child behind that uses some MB, for later jobs."""
    fork_stubborn(context.job.args["mb"] * MB)
    return pid()


def hold(context: Context) -> Any:
    """Use some MB, and wait."""
    held = b"x" * (context.job.args["mb"] * MB)
    note(context)
    deaf(context)
    return {**pid(), "held": len(held)}


def pid() -> dict[str, int]:
    """Return which process this is."""
    return {"pid": os.getpid()}


def spoil(context: Context) -> Any:
    """Change what there is of the process to change."""
    found = look(context)
    os.chdir("/")
    os.environ["TZ"] = "Asia/Tokyo"
    os.environ["SPOILT"] = "yes"
    del os.environ["HOME"]
    time.tzset()
    os.umask(0o777)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, lambda *_: os._exit(1))
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGTERM})
    for alarm in ALARMS:
        signal.setitimer(alarm, 0.5)
    socket.setdefaulttimeout(0.001)
    return found


def look(_: Context) -> Any:
    """Return what can be changed of the process."""
    os.umask(mask := os.umask(0o077))
    return {
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "zone": time.strftime("%z"),
        "mask": mask,
        "handlers": {str(number): repr(signal.getsignal(number)) for number in signal.Signals},
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "alarms": [signal.getitimer(alarm)[0] > 0 for alarm in ALARMS],
        "patience": socket.getdefaulttimeout(),
    }


def exhaust(_: Context) -> Any:
    """Open and keep all that the process may, and end well."""
    with suppress(OSError):
        while True:
            KEPT_OPEN.append(os.open(os.devnull, os.O_RDONLY))
    return pid()


def forsake(_: Context) -> Any:
    """Delete the folder in which the process was, and go."""
    os.rmdir(os.getcwd())
    os.chdir(FOLDER)


ACTS: dict[str, Callable[[Context], Any]] = {
    "daemons": daemons,
    "eat": eat,
    "feed": feed,
    "share": share,
    "keep": keep,
    "child": raise_child,
    "hold": hold,
    "spoil": spoil,
    "look": look,
    "exhaust": exhaust,
    "forsake": forsake,
    "pid": lambda _: pid(),
    "nothing": lambda _: None,
}


@handlers.register("system")
def act(context: Context) -> Any:
    """Do what the job says."""
    sys.stdout.flush()
    return ACTS[context.job.args["do"]](context)
