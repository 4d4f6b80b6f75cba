"""What producers know that they have committed, kept on their side of the connection."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Ledger:
    """Ids of jobs by what became of the transaction that inserted them.

    `committed`: when the producer had heard so, in seconds since the epoch by this machine's
    clock, which is the database's. `unsure`: the answer to the commit never came.
    """

    committed: dict[int, float] = field(default_factory=dict)
    unsure: set[int] = field(default_factory=set)

    def commit(self, jobs: Iterable[int]) -> None:
        """Note jobs whose commit was answered just now."""
        self.committed.update(dict.fromkeys(jobs, time.time()))

    def doubt(self, jobs: Iterable[int]) -> None:
        """Note jobs whose commit was not answered: they may be there, or not."""
        self.unsure.update(jobs)
