"""An application whose handlers do next to nothing, and write down that they did it.

The evidence goes to the file `evidence` in the folder PGDISPATCH_TEST_FOLDER, see `evidence`.
A job's `args` say how many seconds it takes (`for`) or that it lasts until there is a file
(`until`, `or`), and whether it fails (`fails`); `deaf` jobs do not stop when asked to.
Nodes of former versions run it, too: it takes nothing from the package that 0.1.0 has not.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from pgdispatch import Context, Handlers
from support.invariants.evidence import note

EVIDENCE = Path(os.environ["PGDISPATCH_TEST_FOLDER"]) / "evidence"
JOB_TYPES = (
    *("flow", "alert", "system", "subscription"),
    *("extract_creation", "incremental_extract", "full_extract"),
)
handlers = Handlers()


def act(context: Context) -> dict[str, Any]:
    """Write down the start, take the time that the job takes, and write down the end."""
    job, args = context.job, context.job.args
    note(EVIDENCE, "start", job.id, job.attempt)
    until = [Path(args[name]) for name in ("until", "or") if name in args]
    ends_at = time.monotonic() + args.get("for", 0)
    while until and not any(path.exists() for path in until):
        context.wait(0.01)
        if not args.get("deaf"):
            context.check_stop()
    while (left := ends_at - time.monotonic()) > 0:
        context.wait(left)
        context.check_stop()
    note(EVIDENCE, "end", job.id, job.attempt)
    if args.get("fails"):
        raise ValueError(f"job {job.id} was told to fail")
    return {"attempt": job.attempt, "clock": time.time()}


for job_type in JOB_TYPES:
    handlers.add(job_type, act)
