"""Run one job with the ready-made handlers and be killed where it would call `os.FUNCTION`.

python victim.py CATALOGUE JOB_TYPE DEFINITION FUNCTION
"""

from __future__ import annotations

import os
import signal
import sys

from pgdispatch.handlers.catalogue import load_catalogue
from pgdispatch.handlers.registry import RUNS
from pgdispatch.testing import context


def main(path: str, job_type: str, definition: str, function: str) -> None:
    """Run the job until the function is called."""
    setattr(os, function, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    RUNS[job_type](context(job_type, datasource=definition), load_catalogue(path))


if __name__ == "__main__":
    main(*sys.argv[1:])
