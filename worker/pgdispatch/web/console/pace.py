"""How often pages ask again by themselves: the less often the more people look.

What such looks take, read and rendered, comes from one small share of a processor, by a clock on
the wall: on a machine that is busy everything takes longer, and so is asked for less often. Each
page gets its next turn behind those that have theirs already. Pages that somebody opens are free.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

SHARE = 0.03  # of one processor
LEAST, LONGEST = 2.0, 90.0  # seconds between two looks of a page


@dataclass(eq=False)
class Pace:
    """What has been spent on looks."""

    clock: Callable[[], float] = time.monotonic
    _paid_at: float = 0.0  # when what was spent so far will have been paid for

    def spend(self, seconds: float) -> int:
        """Count a look that took so long; return after how many seconds its page may look again.

        Between `LEAST` and `LONGEST`, in steps, so that it changes rarely.
        """
        at = self.clock()
        self._paid_at = min(max(self._paid_at, at) + seconds / SHARE, at + LONGEST)
        wait = max(self._paid_at - at, LEAST)
        return min(math.ceil(wait) if wait <= 10 else 5 * math.ceil(wait / 5), int(LONGEST))
