"""Installs procrastinate's schema, or works on its queue with PEER_SLOTS jobs at once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

import procrastinate

SLOTS = int(os.environ.get("PEER_SLOTS", "1"))
STARTS = os.environ.get("PEER_STARTS")
starts = os.open(STARTS, os.O_WRONLY | os.O_APPEND | os.O_CREAT) if STARTS else -1
times: list[float] = []
app = procrastinate.App(connector=procrastinate.PsycopgConnector(min_size=1, max_size=SLOTS + 3))


@app.task(name="noop")
async def noop(n: int) -> None:
    """Note when it began."""
    began = time.time()
    times.append(began)
    if STARTS:
        os.write(starts, f"{n} {began!r}\n".encode())


def end() -> None:
    """Write down the times and leave."""
    Path(os.environ["PEER_TIMES"]).write_text(json.dumps(times))
    os._exit(0)


async def main() -> None:
    """Do what the command line says."""
    async with app.open_async():
        if sys.argv[1] == "install":
            await app.schema_manager.apply_schema_async()
            return
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
        await app.run_worker_async(concurrency=SLOTS, install_signal_handlers=False)


asyncio.run(main())
