"""What the log of a node says of a database that is away: when that begins, why, when it is over.

Several connections notice it, each at its time. Told are one line when the first of them finds
nobody, one for each other reason, and one when all are back.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

logger = logging.getLogger("pgdispatch")

NUMBERED = re.compile(r"\[Errno (\d+)\]")
AFTER_ALL = 10.0  # so late may a connection that was not used meanwhile notice that it is broken
SILENT, CLOSED = "no answer in time", "the connection was closed"
READ_ONLY = "it is read-only, or in recovery"
CLOSING = re.compile(
    "reset by peer|connection was closed|connection_lost|connection is lost"
    "|another operation"  # the server has said good-bye, and the driver has not hung up yet
)


@dataclass
class Outage:
    """The outage of one node's database. `missing`: who has not got through since."""

    node: str
    is_quiet: bool = False  # then nothing is told
    missing: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    began: float = 0.0
    ended: float = float("-inf")

    def away(self, who: str, reason: str, *, is_lost: bool = False) -> None:
        """Note that somebody found nobody. `is_lost`: over a connection that had been there.

        Such a one tells that there was an outage, but not that it lasts, nor why.
        """
        self.missing.add(who)
        now = time.monotonic()
        if self.is_quiet or (is_lost and (self.told or now - self.ended < AFTER_ALL)):
            return
        if not self.told:
            self.began = now
            logger.warning("%s: the database is away: %s", self.node, reason)
        elif reason not in self.told:
            logger.warning("%s: the database is still away: %s", self.node, reason)
        self.told.append(reason)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Tell nothing meanwhile."""
        self.is_quiet = True
        try:
            yield
        finally:
            self.is_quiet = False

    def back(self, who: str) -> None:
        """Note that somebody got through, or is no more."""
        self.missing.discard(who)
        if self.told and not self.missing:
            self.told.clear()
            self.ended = time.monotonic()
            logger.warning(
                "%s: the database is back after %.0f s", self.node, self.ended - self.began
            )


def reason_of(error: BaseException) -> str:
    """Return why nobody could be reached."""
    text = str(error)
    numbered = NUMBERED.search(text)
    if getattr(error, "sqlstate", None) == "25006":
        return READ_ONLY
    if CLOSING.search(text):
        return CLOSED
    if isinstance(error, TimeoutError):
        return SILENT
    if numbered is not None or (isinstance(error, OSError) and error.errno is not None):
        number = int(numbered[1]) if numbered is not None else getattr(error, "errno", None)
        return os.strerror(number or errno.EIO)
    return (text.strip().splitlines() or [type(error).__name__])[0]


def is_loss(sqlstate: str | None) -> bool:
    """Tell whether an error came as the end of a connection that had been there."""
    return sqlstate is None or sqlstate.startswith(("08", "57P"))
