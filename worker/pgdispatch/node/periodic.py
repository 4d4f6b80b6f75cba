"""What a supervisor does again and again: each duty in a task of asyncio's of its own."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field

from pgdispatch.database.session import AwayError
from pgdispatch.errors import PgdispatchError

logger = logging.getLogger("pgdispatch")

PATIENCE = 5.0

Duty = Callable[[], Awaitable[float | None]]


@dataclass
class PeriodicTasks:
    """The duties of one node. `on_failure` is called when one cannot go on: that is a bug."""

    node: str
    on_failure: Callable[[PgdispatchError], None]
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    alarms: list[asyncio.Event] = field(default_factory=list)
    is_ending: bool = False

    def start(self, seconds: float, duty: Duty, now: asyncio.Event | None = None) -> None:
        """Run `duty` about every `seconds`, or after as many as it returned, or when `now` is set.

        What the database refuses is logged, once while it stays the same, and tried again.
        """
        alarm = now or asyncio.Event()
        self.alarms.append(alarm)
        self.run(self._repeat(seconds, duty, alarm))

    def run(self, work: Coroutine[None, None, None]) -> None:
        """Run what goes on by itself; `stop` waits for its end, too."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._on_end)
        self.tasks.append(task)

    async def stop(self) -> None:
        """End all of them, after what they are at if that does not take long.

        The server would call a statement that is broken off an error.
        """
        self.is_ending = True
        for alarm in self.alarms:
            alarm.set()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=PATIENCE)
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _repeat(self, seconds: float, duty: Duty, now: asyncio.Event) -> None:
        refusal = ""
        while not self.is_ending:
            wait = None
            try:
                wait = await duty()
                refusal = ""
            except AwayError:  # the session has told of it
                pass
            except PgdispatchError as error:
                if str(error) != refusal:
                    logger.error("%s: %s", self.node, error)
                refusal = str(error)
            if wait is None:
                wait = seconds * random.uniform(0.8, 1.2)  # noqa: S311  # jitter
            if not self.is_ending:
                await wait_for(now, wait)
                now.clear()

    def _on_end(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("%s: a periodic task has ended", self.node, exc_info=error)
            self.on_failure(PgdispatchError(f"the node cannot go on: {error!r}"))


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait for `event`, but no longer than so many seconds."""
    try:
        await asyncio.wait_for(event.wait(), timeout=seconds)
    except TimeoutError:
        return
