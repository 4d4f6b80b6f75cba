"""Installs procrastinate's schema, or works on its queue with PEER_SLOTS jobs at once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import procrastinate
from writing import end, handle

SLOTS = int(os.environ.get("PEER_SLOTS", "1"))
app = procrastinate.App(connector=procrastinate.PsycopgConnector(min_size=1, max_size=SLOTS + 3))


@app.task(name="noop")
async def noop(n: int) -> None:
    """Run one job."""
    await handle(n)


async def main() -> None:
    """Do what the command line says."""
    async with app.open_async():
        if sys.argv[1] == "install":
            await app.schema_manager.apply_schema_async()
            return
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
        await app.run_worker_async(concurrency=SLOTS, install_signal_handlers=False)


asyncio.run(main())
