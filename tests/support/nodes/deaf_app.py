"""Handlers that do not stop when asked, or take more memory than they may: `{"do": "deaf"}`."""

from __future__ import annotations

import asyncio
import os
import time

from pgdispatch import Context, Handlers

handlers = Handlers()


def grow(context: Context) -> None:
    """Take memory, if the job says so."""
    kept = []
    while context.job.args["do"] == "grow":
        kept.append(b"x" * (16 << 20))
        time.sleep(0.01)


@handlers.register("full_extract")
def plain(context: Context) -> dict[str, int]:
    """Never look whether to stop."""
    if context.job.args["do"] == "deaf":
        print("deaf", flush=True)
        while True:
            time.sleep(1)
    grow(context)
    return {"pid": os.getpid()}


@handlers.register("alert")
async def later(context: Context) -> dict[str, int]:
    """Swallow what would stop it."""
    while context.job.args["do"] == "deaf":
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            print("swallowed")
    grow(context)
    return {"pid": os.getpid()}
