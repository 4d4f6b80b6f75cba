"""What a supervisor does again and again, each chore in a task of its own."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pgdispatch.errors import PgdispatchError
from pgdispatch.session import AWAY

logger = logging.getLogger("pgdispatch")

Chore = Callable[[], Awaitable[float | None]]


@dataclass
class Chores:
    """The chores of one node. `on_failure` is called when one cannot go on: that is a bug."""

    node: str
    on_failure: Callable[[PgdispatchError], None]
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self, seconds: float, chore: Chore, now: asyncio.Event | None = None) -> None:
        """Run `chore` about every `seconds`, or after as many as it returned, or when `now` is set.

        What the database refuses is logged, once while it stays the same, and tried again.
        """
        task = asyncio.create_task(self._repeat(seconds, chore, now or asyncio.Event()))
        task.add_done_callback(self._on_end)
        self.tasks.append(task)

    async def stop(self) -> None:
        """End all chores, wherever they are."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _repeat(self, seconds: float, chore: Chore, now: asyncio.Event) -> None:
        refusal = ""
        while True:
            wait = None
            try:
                wait = await chore()
                refusal = ""
            except AWAY:  # the session has told of it
                pass
            except PgdispatchError as error:
                if str(error) != refusal:
                    logger.error("%s: %s", self.node, error)
                refusal = str(error)
            if wait is None:
                wait = seconds * random.uniform(0.8, 1.2)  # noqa: S311  # jitter
            await wait_for(now, wait)
            now.clear()

    def _on_end(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("%s: a chore has ended", self.node, exc_info=error)
            self.on_failure(PgdispatchError(f"the node cannot go on: {error!r}"))


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait for `event`, but no longer than so many seconds."""
    try:
        await asyncio.wait_for(event.wait(), timeout=seconds)
    except TimeoutError:
        return
