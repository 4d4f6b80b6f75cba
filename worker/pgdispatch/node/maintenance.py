"""What a supervisor does besides its own backgrounders: for the cluster, and to count."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from pgdispatch.database import statements
from pgdispatch.database.session import Session
from pgdispatch.ipc.tally import Ended, Tally
from pgdispatch.node.endings import Endings, Seen

logger = logging.getLogger("pgdispatch")

FORGOTTEN_AT_ONCE = 10_000
FORGET_AT_MOST = 100


@dataclass
class Maintenance:
    """What any node's supervisor may do for all, and the counting of this one's jobs.

    Transaction: each statement is one of its own.
    """

    node: str
    session: Session
    tally: Tally
    endings: Endings

    async def tend(self) -> None:
        """Take back the jobs of lost nodes, make ready what was left behind, see to notices."""
        lost = await self.session.call(statements.TAKE_BACK)
        for job, attempt, type_name, backgrounder, seconds in lost:
            seen = Seen(backgrounder, type_name, seconds, "lost")
            self.endings.add((job, attempt), seen)
        self.tally.lost += len(lost)
        ((swept,),) = await self.session.call(statements.SWEEP)
        self.tally.swept += swept
        if swept:
            logger.warning("made ready %s jobs that had been left behind at a gate", swept)
        await self.session.call(statements.TEND_NOTICES)

    async def roll(self) -> None:
        """Delete what is old, a part a transaction; then make and drop the history's partitions."""
        for _ in range(FORGET_AT_MOST):
            ((forgotten,),) = await self.session.call(statements.FORGET)
            if forgotten < FORGOTTEN_AT_ONCE:
                break
        await self.session.call(statements.ROLL_HISTORY)

    async def count(self) -> None:
        """Ask how the attempts ended that are over on this node."""
        attempts = list(self.tally.pending)
        if attempts:
            jobs, numbers = map(list, zip(*attempts, strict=True))
            rows = await self.session.call(statements.NODE_METRICS, self.node, jobs, numbers)
            self.tally.end(attempts, [Ended(*row) for row in rows])
