"""Handlers that do nothing, for all job types; the application of the measured nodes.

With PGDISPATCH_BENCH_STARTS, the name of a file, each run writes down there which job it is and
when it began. With PGDISPATCH_BENCH_SLEEP it sleeps for so many seconds.
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


def write_down(context: Context) -> None:
    """Write the number that the job carries, and the time, as one line."""
    now = time.time()
    os.write(starts, f"{context.job.args['n']} {now!r}\n".encode())
    do_nothing(context)


for job_type in JOB_TYPES:
    handlers.add(job_type, write_down if STARTS else do_nothing)
