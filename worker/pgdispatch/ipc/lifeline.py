"""The child's side of a supervisor's life: whoever it started ends with it, whatever ended it."""

from __future__ import annotations

import fcntl
import os
import signal
import sys

from pgdispatch.host.procfs import end_with_parent


def die_with_parent(lifeline: int) -> None:
    """Have the kernel kill this process's whole group when the supervisor is gone.

    `lifeline` is the reading end of a pipe. The supervisor alone holds the other end and never
    writes to it, so the only event on it is its end. Children of this process get no signal of
    their own by PR_SET_PDEATHSIG.
    """
    if sys.platform == "linux":
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
        flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC)
        end_with_parent(signal.SIGKILL)


def end_group() -> None:
    """Kill this process and everything that it started."""
    os.killpg(os.getpgrp(), signal.SIGKILL)
