"""An application whose handlers fork and come back twice, or cut themselves off their supervisor.

As the job's `args` say: `{"do": "return", …}`. Whatever forks waits for its child, whose exit
status is the job's result.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import signal
import socket
import stat
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pgdispatch import Context, Handlers
from support.nodes.node_app import FOLDER, block, deaf

handlers = Handlers()


def forked(context: Context, child: Callable[[], Any]) -> dict[str, Any]:
    """Have a child do something that may well come back; return how it ended."""
    pid = os.fork()
    if pid == 0:
        context.progress(90, "a child")
        context.log("a child")
        made: dict[str, Any] = child()
        return made
    _, status = os.waitpid(pid, 0)
    context.progress(10, "the parent")
    return {"status": os.waitstatus_to_exitcode(status)}


def raises() -> None:
    """Raise."""
    raise ValueError("of a child")


def from_a_thread(context: Context) -> dict[str, Any]:
    """Fork in a thread, whose child has that thread only."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(forked(context, lambda: sys.exit(5))))
    thread.start()
    thread.join()
    return dict(found[0])


async def in_a_loop(context: Context, child: Callable[[], Any]) -> dict[str, Any]:
    """Fork in an event loop that goes on afterwards, with a task of its own."""
    ticking = asyncio.create_task(asyncio.sleep(0.05))
    made = forked(context, child)
    if "status" not in made:
        return made
    await ticking
    await asyncio.get_running_loop().run_in_executor(None, os.getpid)
    return made


def sockets() -> list[int]:
    """Return the descriptors that are sockets: the channels."""
    found = []
    for number in range(3, 256):
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                found.append(number)
    return found


def close_all(_: Context) -> None:
    """Close all that was open, as some do to become a daemon."""
    os.closerange(3, 256)


def replace_sockets(_: Context) -> None:
    """Put something else in the place of each socket."""
    held = os.open(os.devnull, os.O_RDWR)
    for number in sockets():
        os.dup2(held, number)


def close_and_wait(context: Context) -> Any:
    """Close all that was open, and go on."""
    os.closerange(3, 256)
    return block(context)


def scribble(context: Context) -> Any:
    """Write to the channel what is no message, and go on."""
    channel = int(sys.argv[1])
    os.write(channel, b"Segmentation fault (just kidding)\n")
    return deaf(context)


def report_twice(context: Context) -> None:
    """Say how this attempt has ended, before it has."""
    report_end(context.job.id, context.job.attempt)


def report_another(context: Context) -> Any:
    """Say that another attempt has ended, and go on."""
    report_end(context.job.args["other"], 1)
    return deaf(context)


def report_end(job: int, attempt: int) -> None:
    """Write to the channel for jobs what the process itself writes at the end of one."""
    facts = {"is": "ended", "job": job, "attempt": attempt, "outcome": "succeeded"}
    os.write(int(sys.argv[2]), json.dumps(facts).encode() + b"\n")


def become(_: Context) -> None:
    """Become another program, which would take as long as it likes."""
    os.execv("/bin/sleep", ["sleep", "300"])  # noqa: S606


def silence(_: Context) -> None:
    """Close the standard streams, both ways."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.close()
    for number in range(3):
        with suppress(OSError):
            os.close(number)


def linger(_: Context) -> None:
    """Leave, but for a thread that keeps the process from its end."""
    threading.Thread(target=threading.Event().wait).start()
    sys.exit(3)


def starve(_: Context) -> None:
    """Allow this process no descriptor that it has not."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))


def starve_and_fail(context: Context) -> None:
    """Allow this process no further descriptor, and feel it."""
    starve(context)
    (FOLDER / "never").read_text()


def numb(context: Context) -> Any:
    """Block and ignore what signals there are, and wait."""
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return deaf(context)


def uproot(_: Context) -> None:
    """Leave the process in a folder that is no more, with other defaults."""
    place = FOLDER / "gone"
    place.mkdir()
    os.chdir(place)
    shutil.rmtree(place)
    socket.setdefaulttimeout(0.001)
    asyncio.set_event_loop_policy(asyncio.DefaultEventLoopPolicy())


ACTS: dict[str, Callable[[Context], Any]] = {
    "return": lambda context: forked(context, lambda: {"made by": "a child"}),
    "raise": lambda context: forked(context, raises),
    "exit": lambda context: forked(context, lambda: sys.exit(3)),
    "exit in words": lambda context: forked(context, lambda: sys.exit("no more")),
    "thread": from_a_thread,
    "close": close_all,
    "replace": replace_sockets,
    "close and wait": close_and_wait,
    "scribble": scribble,
    "report twice": report_twice,
    "report another": report_another,
    "become": become,
    "silence": silence,
    "linger": linger,
    "starve": starve,
    "starve and fail": starve_and_fail,
    "numb": numb,
    "uproot": uproot,
    "nothing": lambda _: None,
}


@handlers.register("system")
def act(context: Context) -> Any:
    """Write down the run, then do what the job says."""
    note(context)
    return ACTS[context.job.args["do"]](context)


@handlers.register("alert")
async def act_later(context: Context) -> Any:
    """Fork in an event loop; the child does what the job says."""
    note(context)
    child: dict[str, Callable[[], Any]] = {
        "return": dict,
        "raise": raises,
        "exit": lambda: sys.exit(3),
    }
    return await in_a_loop(context, child[context.job.args["do"]])


def note(context: Context) -> None:
    """Write down a run."""
    with (FOLDER / "runs").open("a") as runs:
        runs.write(f"{context.job.id} {context.job.attempt} {context.job.backgrounder}\n")


if "PGDISPATCH_TEST_FORKS" in os.environ and os.fork() == 0:  # while it is imported
    handlers.add("flow", lambda _: {"made by": "a child"})
