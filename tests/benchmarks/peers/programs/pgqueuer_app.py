"""Installs pgqueuer's schema, or works on its queue, taking one job at a time."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

import asyncpg
from pgqueuer import AsyncpgDriver, Job, Queries, QueueManager

times: list[float] = []


async def noop(_: Job) -> None:
    """Note when it began."""
    times.append(time.time())


def end() -> None:
    """Write down the times and leave."""
    Path(os.environ["PEER_TIMES"]).write_text(json.dumps(times))
    os._exit(0)


async def main() -> None:
    """Do what the command line says."""
    queries = Queries(AsyncpgDriver(await asyncpg.connect()))
    if sys.argv[1] == "install":
        await queries.install()
        return
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
    manager = QueueManager(queries)
    manager.entrypoint("noop")(noop)
    await manager.run(batch_size=1)


asyncio.run(main())
