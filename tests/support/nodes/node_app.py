"""An application whose handlers do what the job's `args` say: `{"do": "block", …}`.

Each run is written down in a file of the folder PGDISPATCH_TEST_FOLDER, so that a test can see
what really happened, whatever the database says. Jobs that wait for the test end when there is a
file `go-JOB`, or `go-JOB-ATTEMPT`.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pgdispatch import Context, Handlers
from pgdispatch.bench.job_types import JOB_TYPES

FOLDER = Path(os.environ["PGDISPATCH_TEST_FOLDER"])
handlers = Handlers()


def act(context: Context) -> Any:
    """Write down the run, then do what the job says."""
    with (FOLDER / "runs").open("a") as runs:
        runs.write(f"{context.job.id} {context.job.attempt} {context.job.backgrounder}\n")
    return ACTS[context.job.args.get("do", "nothing")](context)


def may_end(context: Context) -> bool:
    """Tell whether the test has let the job go, or this attempt at it."""
    go = FOLDER / f"go-{context.job.id}"
    return go.exists() or go.with_name(f"{go.name}-{context.job.attempt}").exists()


def block(context: Context) -> dict[str, Any]:
    """Wait for the test, but stop when asked to."""
    while not may_end(context):
        context.wait(0.01)
        context.check_stop()
    (FOLDER / f"done-{context.job.id}").touch()
    return {"attempt": context.job.attempt}


def deaf(context: Context) -> dict[str, Any]:
    """Wait for the test, and say only in a file that a stop was heard."""
    heard = FOLDER / f"heard-{context.job.id}"
    while not may_end(context):
        is_asked = context.wait(0.01)
        if is_asked and not heard.exists():
            heard.write_text(str(context.stop_requested))
    return {"attempt": context.job.attempt}


def heed(context: Context) -> None:
    """End as soon as the node drains."""
    while not context.draining:
        context.wait(0.01)


def parent(context: Context) -> dict[str, Any]:
    """Start a program and fork, both of which would go on for ever, and wait for the test."""
    program = subprocess.Popen(["/bin/sleep", "300"])
    forked = os.fork()  # it holds all that is open here
    while forked == 0:
        signal.pause()
    (FOLDER / f"children-{context.job.id}").write_text(f"{program.pid} {forked}\n")
    return deaf(context)


def stray(context: Context) -> dict[str, Any]:
    """Start a program in a group of its own, which goes on for ever, and wait for the test."""
    program = subprocess.Popen(["/bin/sleep", "300"], start_new_session=True)
    (FOLDER / f"children-{context.job.id}").write_text(f"{program.pid}\n")
    return block(context)


def listen(_: Context) -> None:
    """Have an event loop hear signals, for as long as it lasts."""

    async def hear() -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: None)

    asyncio.run(hear())


def report(context: Context) -> dict[str, Any]:
    """Report progress and log lines, and wait for the test."""
    context.progress(40, "half of it, nearly")
    for number in range(1, 20_001):
        context.log(f"line {number}")
    return block(context)


def chatter(context: Context) -> None:
    """Report progress as often as can be, up to three quarters, and wait for nobody."""
    for number in range(300):
        context.progress(number / 4, f"line {number}")


def busy(context: Context) -> dict[str, Any]:
    """Wait for ever, at the first attempt, in code that is not Python's and heeds no signal."""
    if context.job.attempt == 1:
        mutex = ctypes.create_string_buffer(256)
        for _ in range(2):  # the second time it is its own that it waits for
            ctypes.CDLL(None).pthread_mutex_lock(mutex)
    return block(context)


def shout(_: Context) -> None:
    """Print, log and warn, more than any buffer holds."""
    for stream in (sys.stdout, sys.stderr):
        print("x" * 100_000, file=stream, flush=True)
    print("x" * 100_000)
    logging.getLogger("somebody").warning("careful")
    warnings.warn("careful", stacklevel=1)


def fail(context: Context) -> None:
    """Raise."""
    raise ValueError(f"cannot work on {context.job.title}")


def mumble(context: Context) -> None:
    """Log and raise a text that UTF-8 cannot hold, as names of files may be."""
    context.log("cannot open caf\udce9")
    context.progress(1, "caf\udce9")
    raise FileNotFoundError("caf\udce9\0")


def mumble_in_kanji(context: Context) -> None:
    """Log and raise what not every encoding has."""
    context.log("日本")
    raise ValueError("日本")


def leave(_: Context) -> None:
    """End the interpreter."""
    sys.exit(3)


def vanish(_: Context) -> None:
    """End the process behind the interpreter's back."""
    os._exit(7)


def crash(_: Context) -> None:
    """End the process as a fault in a C library would."""
    os.kill(os.getpid(), signal.SIGSEGV)


def show(context: Context) -> dict[str, Any]:
    """Return what the job is."""
    job = context.job
    return {"args": dict(job.args), "site": job.site, "title": job.title, "type": job.type}


def imports(_: Context) -> dict[str, Any]:
    """Return which drivers are there, and where the queue is, as far as this process knows."""
    drivers = sorted({"psycopg", "psycopg_c", "psycopg_binary", "asyncpg"} & set(sys.modules))
    return {
        "drivers": drivers,
        "dsn": os.environ.get("PGDISPATCH_DSN"),
        "opentelemetry": "opentelemetry.trace" in sys.modules,
    }


def trace(context: Context) -> dict[str, Any]:
    """Return which trace the job says it belongs to, which is current, and what a job gets now."""
    from pgdispatch import enqueue  # noqa: PLC0415  # most handlers do without

    try:
        from opentelemetry.propagate import inject  # noqa: PLC0415  # a test may hide it
    except ModuleNotFoundError:
        carrier: dict[str, str] = {}
    else:
        inject(carrier := {})
    return {
        "traceparent": context.job.traceparent,
        "current": carrier.get("traceparent"),
        "enqueued": enqueue("system").compile().params.get("traceparent"),
    }


ACTS: dict[str, Callable[[Context], Any]] = {
    "nothing": lambda _: None,
    "block": block,
    "deaf": deaf,
    "heed": heed,
    "parent": parent,
    "stray": stray,
    "listen": listen,
    "report": report,
    "busy": busy,
    "print": shout,
    "chatter": chatter,
    "fail": fail,
    "mumble": mumble,
    "mumble in kanji": mumble_in_kanji,
    "surrogate": lambda _: {"text": "\udce9"},
    "backslash": lambda _: {"text": "\\u0000"},
    "leave": leave,
    "vanish": vanish,
    "crash": crash,
    "show": show,
    "imports": imports,
    "trace": trace,
    "large": lambda context: {"text": "x" * context.job.args["size"]},
    "environment": lambda _: dict(os.environ),
    "object": lambda _: {"made": object()},
    "number": lambda _: 42,
    "infinity": lambda _: {"rows": float("inf")},
    "nul": lambda _: {"text": "a\0b"},
}
for job_type in JOB_TYPES:
    if job_type != "alert":
        handlers.add(job_type, act)


@handlers.register("alert")
async def act_later(context: Context) -> Any:
    """Do the same in an event loop: the waiting of two at once takes the time of one."""
    await asyncio.gather(asyncio.sleep(0.01), asyncio.sleep(0.01))
    result = act(context)
    return {"loop": type(asyncio.get_running_loop()).__name__, **(result or {})}
