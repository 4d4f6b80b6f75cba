"""What one node has done since its supervisor started: the counters behind `/metrics`.

Every number only grows, and no job is in the tally of two nodes: an attempt is counted by the node
that ran it, and its end once, when the history says how it ended.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pgdispatch.ipc.attempt import Attempt

GATES = ("datasource", "pause", "schedule", "site")
BUCKETS = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400)


@dataclass(frozen=True)
class Ended:
    """A job that ended on this node, from the history; times in seconds."""

    job: int
    type: str
    outcome: str
    failed_as: str | None
    waited: float
    ran: float
    gates: Sequence[str]


@dataclass
class Spread:
    """How many values lie in each of the `BUCKETS` (the last: beyond), and their sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(BUCKETS, value)] += 1
        self.total += value


@dataclass
class Tally:
    """The counts of one node. `pending` are attempts whose outcome is still to be asked for."""

    started: Counter[str] = field(default_factory=Counter)
    finished: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    waits: dict[str, Spread] = field(default_factory=dict)
    runs: dict[str, Spread] = field(default_factory=dict)
    parks: Counter[str] = field(default_factory=Counter)
    swept: int = 0
    lost: int = 0
    pending: set[Attempt] = field(default_factory=set)

    def end(self, attempts: Iterable[Attempt], ended: Iterable[Ended]) -> None:
        """Count what became of `attempts`, which were pending; those not in `ended` went back."""
        self.pending.difference_update(attempts)
        for job in ended:
            self.finished[job.type, job.outcome, job.failed_as or ""] += 1
            self.waits.setdefault(job.type, Spread()).add(job.waited)
            self.runs.setdefault(job.type, Spread()).add(job.ran)
            self.parks.update(gate for gate in job.gates if gate in GATES)

    def as_message(self) -> dict[str, Any]:
        """Return the counts as plain values, as they go to the application servers."""
        return {
            "started": dict(self.started),
            "finished": [[*labels, count] for labels, count in self.finished.items()],
            "waits": {name: [spread.counts, spread.total] for name, spread in self.waits.items()},
            "runs": {name: [spread.counts, spread.total] for name, spread in self.runs.items()},
            "parks": {gate: self.parks[gate] for gate in GATES},
            "swept": self.swept,
            "lost": self.lost,
        }
