"""The clock: has the database create the jobs of due schedules, as any supervisor may."""

from __future__ import annotations

from pgdispatch.database import statements
from pgdispatch.database.session import Session

SHORTEST = 0.1  # a schedule may be due that somebody is just editing
LONGEST = 1.0  # schedules come and change in the database, which tells nobody


async def turn(session: Session) -> float:
    """Fire what is due, one schedule a transaction; return the seconds until the next look."""
    while True:
        ((jobs, wait),) = await session.call(statements.TICK)
        if jobs is None:
            return LONGEST if wait is None else min(max(wait, SHORTEST), LONGEST)
