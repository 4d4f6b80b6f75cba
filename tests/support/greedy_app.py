"""An application whose handlers misbehave as the job's `args` say: `{"do": "daemons", …}`.

Each writes the numbers of the processes that it has started to `started-JOB`. Those take no notice
of SIGTERM and go on for ever.
"""

from __future__ import annotations

import mmap
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from pgdispatch import Context, Handlers
from support.node_app import FOLDER, deaf, may_end

handlers = Handlers()
MB = 1 << 20


def note(context: Context, *pids: int) -> None:
    """Write down what was started, whole or not at all."""
    path = FOLDER / f"started-{context.job.id}"
    path.with_suffix(".new").write_text("".join(f"{pid}\n" for pid in pids))
    path.with_suffix(".new").rename(path)


def fork_stubborn(use: int = 0, *, leaves: bool = False) -> int:
    """Fork a process that uses so many bytes, and is a daemon if it `leaves`; return its number."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        if leaves:
            os.setsid()
            if os.fork() != 0:
                os._exit(0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.write(writer, f"{os.getpid()}\n".encode())
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
    """Have two children and a daemon use 60 MB each, and wait."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note(context, *(fork_stubborn(60 * MB, leaves=leaves) for leaves in (False, False, True)))
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


ACTS: dict[str, Callable[[Context], Any]] = {
    "daemons": daemons,
    "eat": eat,
    "feed": feed,
    "share": share,
    "nothing": lambda _: None,
}


@handlers.register("system")
def act(context: Context) -> Any:
    """Do what the job says."""
    sys.stdout.flush()
    return ACTS[context.job.args["do"]](context)
