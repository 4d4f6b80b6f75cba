"""How fast one session may ask: many at once now and then, and so many a second on end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

AT_ONCE, A_SECOND = 200.0, 20.0


@dataclass
class Pace:
    """What a session may still ask at once; it fills up again as time goes by."""

    clock: Callable[[], float] = time.monotonic
    left: float = AT_ONCE
    at: float | None = None

    def wait(self) -> float:
        """Count a request; return in how many seconds it may be asked, if not now."""
        now = self.clock()
        gone = 0.0 if self.at is None else now - self.at
        self.at = now
        self.left = min(AT_ONCE, self.left + gone * A_SECOND)
        if self.left < 1:
            return (1 - self.left) / A_SECOND
        self.left -= 1
        return 0.0
