"""What the programs of the peers in Python write down: when each job began."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path

STARTS = os.environ.get("PEER_STARTS")
SLEEP = float(os.environ.get("PEER_SLEEP", "0"))
starts = os.open(STARTS, os.O_WRONLY | os.O_APPEND | os.O_CREAT) if STARTS else -1
times: list[tuple[int, float]] = []


async def handle(n: int) -> None:
    """Note when the job began, and sleep if that was asked for."""
    began = time.time()
    times.append((n, began))
    if STARTS:
        os.write(starts, f"{n} {began!r}\n".encode())
    if SLEEP:
        await asyncio.sleep(SLEEP)


def end() -> None:
    """Write down the times and leave."""
    Path(os.environ["PEER_TIMES"]).write_text(json.dumps(times))
    os._exit(0)
