"""Handlers that do nothing, for all job types; the application of the measured nodes.

With PGDISPATCH_BENCH_STARTS, the name of a file, each run writes down there which job it is and
when it began. With PGDISPATCH_BENCH_SLEEP it sleeps for so many seconds. A job of type `flow` that
has `seconds` runs for so many, and logs `lines` of a hundred bytes in each of them.
"""

from __future__ import annotations

import os
import time

from pgdispatch import Context, Handlers
from pgdispatch.bench.job_types import JOB_TYPES

handlers = Handlers()
STARTS = os.environ.get("PGDISPATCH_BENCH_STARTS")
SLEEP = float(os.environ.get("PGDISPATCH_BENCH_SLEEP", "0"))
starts = os.open(STARTS, os.O_WRONLY | os.O_APPEND | os.O_CREAT) if STARTS else -1


def do_nothing(_: Context) -> None:
    """Return at once, or after the time that was asked for."""
    if SLEEP:
        time.sleep(SLEEP)


def write_log(context: Context) -> None:
    """Log at the pace that the job says, a twentieth of a second at a time."""
    noise = os.urandom(5000).hex()  # that does not get any smaller in the database
    until = time.monotonic() + context.job.args["seconds"]
    while time.monotonic() < until:
        due = time.monotonic() + 0.05
        for number in range(context.job.args["lines"] // 20):
            context.log(noise[100 * number :][:100])
        context.wait(max(due - time.monotonic(), 0))


def write_down(context: Context) -> None:
    """Write the number that the job carries, and the time, as one line."""
    if "seconds" in context.job.args:
        return write_log(context)
    now = time.time()
    os.write(starts, f"{context.job.args['n']} {now!r}\n".encode())
    return do_nothing(context)


for job_type in JOB_TYPES:
    handlers.add(job_type, write_down if STARTS else do_nothing)
