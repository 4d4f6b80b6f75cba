"""How often pages ask again by themselves: the less often the more people look.

All that the console reads and renders is spent from one small share of a processor, by a clock on
the wall: on a machine that is busy everything takes longer, and so is asked for less often. Each
page that asks again gets its turn behind those that have theirs already.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SHARE = 0.03  # of one processor
LEAST, LONGEST = 2.0, 120.0  # seconds between two looks of a page


@dataclass(eq=False)
class Pace:
    """What has been spent; for threads, too: at worst two spend at once, and one is forgotten."""

    clock: Callable[[], float] = time.monotonic
    _paid_at: float = 0.0  # when what was spent so far will have been paid for

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Count the time that the block takes."""
        begun = self.clock()
        try:
            yield
        finally:
            at = self.clock()
            owed = max(self._paid_at, begun) + (at - begun) / SHARE
            self._paid_at = min(owed, at + LONGEST)

    def seconds(self) -> int:
        """Return after how many seconds a page may ask again; in steps, so that it changes rarely.

        Between `LEAST` and `LONGEST`.
        """
        wait = max(self._paid_at - self.clock(), LEAST)
        return min(math.ceil(wait) if wait <= 10 else 5 * math.ceil(wait / 5), int(LONGEST))
