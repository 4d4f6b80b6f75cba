"""What a node tells the service manager: ready, status, stopping, and that it is not stuck."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from pgdispatch.node.application_servers import ApplicationServers
from pgdispatch.node.backgrounders import Backgrounders
from pgdispatch.node.sd_notify import Notifier

STUCK_AFTER = 60.0
MORE_TIME = 30.0


@dataclass
class ServiceStatus:
    """Speaks for one supervisor. `is_away` tells whether the database is.

    The watchdog is fed by the event loop, so a loop that hangs starves it; and only while the
    heart-beat comes round or has a good reason not to: a database that is away must not get the
    node, and the jobs that run there, killed.
    """

    notifier: Notifier
    is_away: Callable[[], bool]
    is_ready: bool = False
    is_stopping: bool = False
    status: str = ""
    beat_at: float | None = None

    @property
    def every(self) -> float:
        """Seconds between two calls of `feed`: half of what the watchdog allows."""
        limit = self.notifier.watchdog_seconds
        return MORE_TIME / 3 if limit is None else min(limit / 2, MORE_TIME / 3)

    def beat(self) -> None:
        """Note that the heart-beat came round, whether the database took it or not."""
        self.beat_at = time.monotonic()

    def report(self, backgrounders: Backgrounders, application_servers: ApplicationServers) -> None:
        """Say once that the node serves, and each time what it does, if that is news."""
        if backgrounders.pool.wanted is None or application_servers.pool.wanted is None:
            return
        is_up = (backgrounders.is_open or backgrounders.pool.wanted == 0) and (
            application_servers.up() or application_servers.pool.wanted == 0
        )
        if is_up and not self.is_ready:
            self.is_ready = True
            self.notifier.send(READY=1)
        status = (
            f"{'draining, ' if self.is_stopping else ''}"
            f"{sum(1 for _ in backgrounders.attempts())} jobs running, "
            f"{backgrounders.up()} of {backgrounders.pool.wanted} backgrounders, "
            f"{application_servers.up()} of {application_servers.pool.wanted} servers"
        )
        if status != self.status:
            self.status = status
            self.notifier.send(STATUS=status)

    def stopping(self) -> None:
        """Say that the node has begun to drain, and ask for the time that takes."""
        self.is_stopping = True
        self.notifier.send(STOPPING=1, EXTEND_TIMEOUT_USEC=int(MORE_TIME * 1_000_000))

    async def feed(self) -> float:
        """Feed the watchdog unless the node is stuck; ask for more time while it drains."""
        if not self.is_stuck(time.monotonic()):
            if self.notifier.watchdog_seconds is not None:
                self.notifier.send(WATCHDOG=1)
            if self.is_stopping:
                self.notifier.send(EXTEND_TIMEOUT_USEC=int(MORE_TIME * 1_000_000))
        return self.every

    def is_stuck(self, now: float) -> bool:
        """Tell whether the heart-beat has not come round for long, the database being there."""
        return self.beat_at is not None and now - self.beat_at > STUCK_AFTER and not self.is_away()
