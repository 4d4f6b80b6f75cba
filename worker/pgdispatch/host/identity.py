"""Which process a supervisor is, and whether it is still there, for whoever finds its name held.

A number of a process says little: it is given out anew, a container counts its own, and another
machine has all of them, too. So it goes with the run of the kernel, the namespaces in which it
counts, the machine's name, and the instant at which the process began. What cannot be told counts
as alive.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

from pgdispatch.host import procfs

MARK = "PGDISPATCH_PROCESS"  # in the environment of a backgrounder and of all that it starts
LOOK_AGAIN = 0.01
PATIENCE = 1.0  # the kernel ends what hung on a supervisor within milliseconds


def own_identity() -> str | None:
    """Return `PLACE|PID|BEGAN` of this process; None where that cannot be told."""
    where, seen = place(), procfs.look_at(os.getpid())
    return None if where is None or seen is None else f"{where}|{seen.pid}|{seen.began}"


def place() -> str | None:
    """Return what processes share that count alike, on one run of one machine; None: unknown."""
    try:
        if os.readlink("/proc/self") != str(os.getpid()):
            return None  # this /proc is of another namespace: its numbers are not ours
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespaces = [os.readlink(f"/proc/self/ns/{kind}") for kind in ("pid", "time")]
    except OSError:
        return None
    return "|".join([boot, *namespaces, socket.gethostname()])


def is_gone(identity: str) -> bool:
    """Tell whether a process is known to be no more: it was of this place, and is not there.

    One that is stopped or frozen is there; one that has ended, and is not waited for, is not.
    """
    where, pid, began = identity.rsplit("|", 2)
    if where != place():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # it is somebody else's
        pass
    seen = procfs.look_at(int(pid))
    return seen is not None and (seen.is_over or seen.began != int(began))


def mark_prefix(identity: str | None) -> str:
    """Return how the marks begin of all that a supervisor starts."""
    import hashlib  # noqa: PLC0415  # and with it OpenSSL, which a backgrounder has no need of

    known = str(os.getpid()) if identity is None else identity
    return f"{hashlib.sha256(known.encode()).hexdigest()[:16]}:"


def end_leftovers(identity: str) -> bool:
    """End what a supervisor that is gone has left running; False: some of it does not end.

    Its backgrounders ended with it, but may take a moment; what their jobs started in groups of
    its own did not.
    """
    prefix = mark_prefix(identity)
    deadline = time.monotonic() + PATIENCE
    while left := _marked(prefix):
        if time.monotonic() > deadline:
            return False
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(LOOK_AGAIN)
    return True


def _marked(prefix: str) -> list[int]:
    return [
        pid
        for pid, seen in procfs.everybody().items()
        if not seen.is_over and procfs.mark(pid, MARK).startswith(prefix)
    ]
