"""What a job may leave behind in the process that ran it, put back before the next one starts.

That is what belongs to the process as a whole, and what a handler changes for itself alone: the
working directory, the environment, the file mode mask, the time limit of new sockets, and what
signals do, whether they are blocked, and the alarms that send them. What a handler keeps in memory,
and threads and descriptors that it leaves open, stay: it may want to have them in the next job.
"""

from __future__ import annotations

import os
import signal
import socket
import time

# The wrappers in `signal` make enumerations of all that goes in and out: ten times the work.
from _signal import getsignal, pthread_sigmask  # type: ignore[import-not-found]
from dataclasses import dataclass, field
from typing import Any

ALARMS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
SIGNALS = tuple(number for number in map(int, signal.Signals) if number < signal.SIGRTMIN)


def _environment() -> dict[bytes, bytes]:
    """Return the environment as it is kept: to decode it each time would take longest of all."""
    kept: dict[bytes, bytes] = vars(os.environ)["_data"]
    return kept


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return None


def _wakeup() -> int:
    """Return the descriptor at which the numbers of signals arrive; -1: none."""
    found = signal.set_wakeup_fd(-1)
    return _put_wakeup(found)


def _put_wakeup(descriptor: int) -> int:
    signal.set_wakeup_fd(descriptor, warn_on_full_buffer=False)
    return descriptor


def _mask() -> int:
    found = os.umask(0o077)
    os.umask(found)
    return found


@dataclass(frozen=True)
class ProcessState:
    """The state of this process when it was made, to be put back. For the first thread only."""

    folder: str | None = field(default_factory=_folder)
    environment: dict[bytes, bytes] = field(default_factory=lambda: dict(_environment()))
    mask: int = field(default_factory=_mask)
    blocked: frozenset[int] = field(
        default_factory=lambda: frozenset(pthread_sigmask(signal.SIG_BLOCK, ()))
    )
    handlers: dict[int, Any] = field(
        default_factory=lambda: {
            number: handler
            for number in SIGNALS
            if (handler := getsignal(number)) is not None  # a library's, which cannot be put back
        }
    )
    wakeup: int = field(default_factory=_wakeup)
    socket_patience: float | None = field(default_factory=socket.getdefaulttimeout)

    def put_back(self) -> None:
        """Put back whatever is different now.

        Raises `OSError` if the folder is no more, and that or `ValueError` if what hears of signals
        is not.
        """
        for alarm in ALARMS:  # before what they call is gone
            signal.setitimer(alarm, 0)
        for number, handler in self.handlers.items():
            if getsignal(number) is not handler:
                signal.signal(number, handler)
        _put_wakeup(self.wakeup)  # an event loop takes it, and leaves none
        pthread_sigmask(signal.SIG_SETMASK, self.blocked)
        os.umask(self.mask)
        if socket.getdefaulttimeout() != self.socket_patience:
            socket.setdefaulttimeout(self.socket_patience)
        if _environment() != self.environment:
            self._put_environment_back()
        if self.folder is not None and _folder() != self.folder:
            os.chdir(self.folder)

    def _put_environment_back(self) -> None:
        now = dict(_environment())
        for name in now.keys() - self.environment.keys():
            del os.environb[name]
        for name, value in self.environment.items():
            if now.get(name) != value:
                os.environb[name] = value
        if now.get(b"TZ") != self.environment.get(b"TZ"):
            time.tzset()
