"""SIGTERM and SIGHUP to one backgrounder, heard at once, whatever its handler is at."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Thread, local

NUMBERS = (signal.SIGTERM, signal.SIGHUP)
forking = local()


def hear(tell: Callable[[], None]) -> None:
    """Call `tell`, in a thread of its own, for each SIGTERM or SIGHUP from now on.

    The signal's number is passed on by the interpreter's own handler, which waits for no code of
    ours: the main thread may be anywhere, and for long. What a handler forks or starts ends by
    these signals as ever.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    for number in NUMBERS:
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(theirs.detach(), warn_on_full_buffer=False)
    os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=_forget)
    Thread(target=_listen, args=(ours, tell), daemon=True).start()


def _listen(end: socket.socket, tell: Callable[[], None]) -> None:
    with suppress(OSError):  # a handler may have closed it
        while numbers := end.recv(64):
            if any(number in NUMBERS for number in numbers):
                tell()


def _hold() -> None:
    """Keep signals waiting: one that comes before the child has forgotten would be heard here."""
    forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, NUMBERS)


def _let_go() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, forking.mask)


def _forget() -> None:
    with suppress(ValueError, OSError):
        signal.set_wakeup_fd(-1)
        for number in NUMBERS:
            signal.signal(number, signal.SIG_DFL)
    _let_go()
