"""How far a job is: told every 0.4 s at most, and the last of it along with the job's end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Timer

from pgdispatch.handler import Job, storable
from pgdispatch.ipc.channel import Channel

EVERY = 0.4
LONGEST_NOTE = 500

Progress = tuple[float, str | None]


@dataclass
class Reporter:
    """Pass on what one attempt says of its progress. `last`: the latest, None if it said nothing.

    What comes too early is told later, unless there is news by then: a handler that says something
    and then works in silence is not left with what it said before.
    """

    job: Job
    channel: Channel
    last: Progress | None = None
    _told_at: float = float("-inf")
    _later: Timer | None = field(default=None, repr=False)

    def report(self, percent: float, note: str | None) -> None:
        """Note a progress, 0 to 100, and tell the supervisor now or soon. For any thread."""
        self.last = percent, None if note is None else storable(str(note))[:LONGEST_NOTE]
        early = self._told_at + EVERY - time.monotonic()
        if early <= 0:
            self._tell()
        elif self._later is None:
            self._later = Timer(early, self._tell)
            self._later.daemon = True
            self._later.start()

    def end(self) -> Progress | None:
        """Tell nothing more, and return the last progress, which goes with the end."""
        if self._later is not None:
            self._later.cancel()
        return self.last

    def _tell(self) -> None:
        self._later = None
        self._told_at = time.monotonic()
        if self.last is not None:
            percent, note = self.last
            self.channel.send(
                "progress",
                job=self.job.id,
                attempt=self.job.attempt,
                percent=percent,
                note=note,
            )
