"""The last hour of each backgrounder as a strip of characters: what ran, and where it was idle.

The window moves, its length stays. `▒` is idle although jobs waited, whatever kept them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pgdispatch.web.console.drawing import merged
from pgdispatch_cli.top.lines import Line, Piece

Row = Mapping[str, Any]
Span = tuple[datetime, datetime]
HOUR = timedelta(hours=1)
LEAST = 0.4  # of a cell, which has then run something
RUNS, RAN, FAILED = ("█", "run"), ("▆", "past"), ("✕", "bad")
HELD, IDLE, UNKNOWN = ("▒", "held"), ("▁", "thread"), (" ", "thread")


@dataclass(frozen=True)
class Hour:
    """What is known of the hour before `at`, drawn in so many `cells`.

    `runs` have backgrounder, due_at, started_at, ended_at and outcome, the latter two null while
    they run. One without start and end tells since when jobs wait now. Before `known_from` nothing
    is known.
    """

    at: datetime
    cells: int
    runs: Sequence[Row]
    known_from: datetime | None = None

    def strips(self) -> dict[str, Line]:
        """Return the strip of each backgrounder that ran something; of the others under ''."""
        waits = self.shares(merged(self._waits(), timedelta()))
        by_process: defaultdict[str, list[Row]] = defaultdict(list, {"": []})
        for row in self.runs:
            if row["backgrounder"] and isinstance(row["started_at"], datetime):
                by_process[row["backgrounder"]].append(row)
        return {name: self._strip(rows, waits) for name, rows in by_process.items()}

    def shares(self, spans: Sequence[Span]) -> list[float]:
        """Return which share of each cell lies in one of `spans`, which do not overlap."""
        found = [0.0] * self.cells
        for begin, end in spans:
            first = (begin - self.at + HOUR) / HOUR * self.cells
            last = (end - self.at + HOUR) / HOUR * self.cells
            for cell in range(max(int(first), 0), min(math.ceil(last), self.cells)):
                found[cell] += max(min(last, cell + 1) - max(first, cell), 0)
        return found

    def _strip(self, rows: Sequence[Row], waits: Sequence[float]) -> Line:
        filled = {
            look: self.shares(
                [
                    (row["started_at"], row["ended_at"] or self.at)
                    for row in rows
                    if look_of(row) == look
                ]
            )
            for look in (RUNS, FAILED, RAN)
        }
        return [
            self._cell(cell, {look: shares[cell] for look, shares in filled.items()}, waits[cell])
            for cell in range(self.cells)
        ]

    def _cell(self, cell: int, shares: Mapping[Piece, float], waited: float) -> Piece:
        """Return what filled most of a cell."""
        begin = self.at - HOUR + cell / self.cells * HOUR
        if self.known_from is not None and begin < self.known_from:
            return UNKNOWN
        if sum(shares.values()) >= LEAST:
            return max(shares, key=lambda look: shares[look])
        return HELD if waited >= LEAST else IDLE

    def _waits(self) -> list[Span]:
        """Return when jobs waited, each from when it was due."""
        found = [
            (row["due_at"], row["started_at"] or row["ended_at"] or self.at) for row in self.runs
        ]
        return [(begin, end) for begin, end in found if isinstance(begin, datetime) and begin < end]


def look_of(row: Row) -> Piece:
    """Return how a run looks."""
    if row["ended_at"] is None:
        return RUNS
    return FAILED if row["outcome"] == "failed" else RAN
