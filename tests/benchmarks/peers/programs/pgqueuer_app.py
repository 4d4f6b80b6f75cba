"""Installs pgqueuer's schema, or works on its queue with PEER_SLOTS jobs at once.

It begins all jobs of a batch at once, and wants its cap to be twice the batch; with one slot there
is no cap, so it may have two jobs in hand.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import asyncpg
from pgqueuer import AsyncpgDriver, Job, Queries, QueueManager
from writing import end, handle

SLOTS = int(os.environ.get("PEER_SLOTS", "1"))


async def noop(job: Job) -> None:
    """Run one job."""
    await handle(int(job.payload or b"0"))


async def main() -> None:
    """Do what the command line says."""
    queries = Queries(AsyncpgDriver(await asyncpg.connect()))
    if sys.argv[1] == "install":
        await queries.install()
        return
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
    manager = QueueManager(queries)
    manager.entrypoint("noop")(noop)
    await manager.run(
        batch_size=max(SLOTS // 2, 1), max_concurrent_tasks=SLOTS if SLOTS > 1 else None
    )


asyncio.run(main())
