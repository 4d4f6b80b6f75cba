"""An application whose handlers do what the job's `args` say: `{"do": "block", …}`.

Each run is written down in files of the folder PGDISPATCH_TEST_FOLDER, so that a test can see what
really happened, whatever the database says. The file `go-JOB` lets a job end that waits for it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from pgdispatch import Context, Handlers

FOLDER = Path(os.environ["PGDISPATCH_TEST_FOLDER"])
TYPES = (
    "flow",
    "system",
    "subscription",
    "extract_creation",
    "incremental_extract",
    "full_extract",
)
handlers = Handlers()


def act(context: Context) -> Any:
    """Write down the run, then do what the job says."""
    with (FOLDER / "runs").open("a") as runs:
        runs.write(f"{context.job.id} {context.job.attempt} {context.job.backgrounder}\n")
    return ACTS[context.job.args.get("do", "nothing")](context)


def may_end(context: Context) -> bool:
    """Tell whether the test has let the job go."""
    return (FOLDER / f"go-{context.job.id}").exists()


def block(context: Context) -> dict[str, Any]:
    """Wait for the test, but stop when asked to."""
    while not may_end(context):
        context.wait(0.01)
        context.check_stop()
    return {"attempt": context.job.attempt}


def deaf(context: Context) -> dict[str, Any]:
    """Wait for the test, and say only in a file that a stop was heard."""
    while not may_end(context):
        if context.wait(0.01):
            (FOLDER / f"heard-{context.job.id}").write_text(str(context.stop_requested))
    return {"attempt": context.job.attempt}


def parent(context: Context) -> dict[str, Any]:
    """Start a child that would sleep on, and wait for the test."""
    child = subprocess.Popen(["sleep", "300"])
    (FOLDER / f"child-{context.job.id}").write_text(f"{child.pid}\n")
    return deaf(context)


def report(context: Context) -> dict[str, Any]:
    """Report progress and log lines, and wait for the test."""
    context.progress(40, "half of it, nearly")
    context.log("first line")
    for number in range(20_000):
        context.log(f"line {number}")
    return block(context)


def fail(context: Context) -> None:
    """Raise."""
    raise ValueError(f"cannot work on {context.job.title}")


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


ACTS = {
    "nothing": lambda _: None,
    "block": block,
    "deaf": deaf,
    "parent": parent,
    "report": report,
    "fail": fail,
    "leave": leave,
    "vanish": vanish,
    "crash": crash,
    "show": show,
    "object": lambda _: {"made": object()},
    "number": lambda _: 42,
    "infinity": lambda _: {"rows": float("inf")},
    "nul": lambda _: {"text": "a\0b"},
}
for job_type in TYPES:
    handlers.add(job_type, act)


@handlers.register("alert")
async def act_later(context: Context) -> Any:
    """Do the same in an event loop: the waiting of two at once takes the time of one."""
    await asyncio.gather(asyncio.sleep(0.01), asyncio.sleep(0.01))
    result = act(context)
    return {"loop": type(asyncio.get_running_loop()).__name__, **(result or {})}
