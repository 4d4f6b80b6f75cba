"""Wait until a job has ended, whatever it is that looks at it."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from pgdispatch.errors import JobEndedError, NotFoundError

Look = Callable[[], Awaitable[Mapping[str, Any] | None]]
"""Returns `state`, `error`, `cancel_reason`, `result` as `own_job` has them now; None: no job."""

LOOK_AGAIN = (0.05, 2.0)  # seconds: at first, and at most


def end_of(row: Sequence[Any] | None) -> dict[str, Any] | None:
    """Return what a `Look` does, from a row in which the result is text."""
    if row is None:
        return None
    state, error, cancel_reason, result = row
    kept = result and json.loads(result)
    return {"state": state, "error": error, "cancel_reason": cancel_reason, "result": kept}


async def ended(job: int, look: Look, timeout: float | None) -> dict[str, Any] | None:
    """Look, ever more seldom, until the job has ended; return its result. Raises as `result`."""
    async with asyncio.timeout(timeout):
        pause, longest = LOOK_AGAIN
        while True:
            found = await look()
            if found is None:
                raise NotFoundError(
                    f"you have no job {job}",
                    hint="commit its insert first; own_job has what this database user inserted",
                )
            if found["state"] == "succeeded":
                value: dict[str, Any] | None = found["result"]
                return value
            if found["state"] in ("failed", "cancelled"):
                words = "has failed" if found["state"] == "failed" else "was cancelled"
                raise JobEndedError(
                    f"job {job} {words}",
                    outcome=found["state"],
                    detail=found["error"] or found["cancel_reason"],
                )
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311  # jitter
            pause = min(pause * 1.5, longest)
