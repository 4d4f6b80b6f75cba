"""When the watchdog is fed."""

from __future__ import annotations

import asyncio
import time

import pytest

from pgdispatch.node.sd_notify import Notifier
from pgdispatch.node.service_status import STUCK_AFTER, ServiceStatus


class Recorder(Notifier):
    """Keep what would be sent."""

    def __init__(self, watchdog_seconds: float | None) -> None:
        super().__init__("@nowhere", watchdog_seconds)
        object.__setattr__(self, "sent", [])

    def send(self, **values: str | int) -> None:
        """Keep it."""
        self.sent.append(values)  # type: ignore[attr-defined]


def service_status(*, is_away: bool = False, watchdog: float | None = 60.0) -> ServiceStatus:
    """Return one whose heart-beat came round long ago."""
    made = ServiceStatus(Recorder(watchdog), is_away=lambda: is_away)
    made.beat_at = time.monotonic() - STUCK_AFTER - 1
    return made


def sent_by(spoken: ServiceStatus) -> list[dict[str, str | int]]:
    """Feed once and return what was sent."""
    asyncio.run(spoken.feed())
    return spoken.notifier.sent  # type: ignore[attr-defined, no-any-return]


def test_a_heart_beat_that_does_not_come_round_starves_the_watchdog() -> None:
    """The loop alone is no sign of life; nor is more time asked for."""
    stuck = service_status()
    stuck.is_stopping = True

    assert sent_by(stuck) == []


def test_a_heart_beat_that_comes_round_feeds_it() -> None:
    """Whether the database took it or not."""
    alive = service_status()
    alive.beat()

    assert sent_by(alive) == [{"WATCHDOG": 1}]


def test_a_database_that_is_away_does_not_get_the_node_killed() -> None:
    """Jobs that run here go on meanwhile."""
    assert sent_by(service_status(is_away=True)) == [{"WATCHDOG": 1}]


def test_a_node_that_drains_without_a_watchdog_asks_for_more_time() -> None:
    """Each time it has half a minute more from then on."""
    draining = service_status(is_away=True, watchdog=None)
    draining.is_stopping = True

    assert sent_by(draining) == [{"EXTEND_TIMEOUT_USEC": 30_000_000}]


@pytest.mark.parametrize(("watchdog", "every"), [(None, 10), (60.0, 10), (4.0, 2.0)])
def test_it_is_fed_at_half_of_what_it_allows_at_least(watchdog: float | None, every: float) -> None:
    """And often enough to ask for more time."""
    assert service_status(watchdog=watchdog).every == every
