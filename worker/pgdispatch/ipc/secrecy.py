"""What the processes of a node keep from the programs that run under the same account.

A process hides its memory, its descriptors and the environment that it was started with: nobody
may look into it but root. What may not be seen reaches it afterwards, over its channel. So its
supervisor has to have opened what it wants to see of it before.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping

from pgdispatch.host.identity import MARK
from pgdispatch.ipc.channel import Channel, Message

PR_SET_DUMPABLE = 4
FOR_PROGRAMS = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LANGUAGE"),
    MARK,  # by which the supervisor knows what a job has left behind
)
LOCALE = "LC_"
# What the interpreter and the C libraries read before the channel is there.
FOR_STARTING = (
    *("PYTHON", "LD_", "DYLD_", "MALLOC_", "GLIBC_", "OPENSSL_", "SSL_CERT_", "COVERAGE_"),
    *("TCMALLOC_", "MIMALLOC_", "FAKETIME"),  # of libraries that people preload
    "PGDISPATCH_LOG_",  # how to say what goes wrong before that
)


def for_programs(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that every program may see."""
    return {
        name: value
        for name, value in environment.items()
        if name in FOR_PROGRAMS or name.startswith(LOCALE)
    }


def for_starting(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a process of ours has to be started with."""
    early = {name: value for name, value in environment.items() if name.startswith(FOR_STARTING)}
    return {**for_programs(environment), **early}


def hide() -> None:
    """Let nobody but root look into this process (Linux)."""
    _set_dumpable(0)


def take_begin(channel: Channel) -> Message | None:
    """Take what the supervisor says first, hide this process, and take the environment over.

    Forks may be looked into again: else the supervisor could not weigh them, nor, where /proc
    shows a process only what it may look into, find them. None if the supervisor is gone.
    """
    begin = channel.receive()
    hide()
    os.register_at_fork(after_in_child=_show)
    if begin is not None:
        os.environ.update(begin.pop("environment"))
    return begin


def _show() -> None:
    _set_dumpable(1)


def _set_dumpable(value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, value)
