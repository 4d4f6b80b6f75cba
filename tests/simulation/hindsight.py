"""Whether why_late, afterwards, gives the reasons that the view queue gave at the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from simulation.week import Week

LOOK = "select job, kind, blocker from pgdispatch.queue"
LATER = """
select from_at, to_at, kind, behind_job, seconds
from pgdispatch.why_late(%s)
order by from_at
"""
SAID = {  # what why_late says in other words, as it knows more
    "no backgrounder": "next",
    "not taken": "next",
    "retry pause": "time",
}
HOLDERS = ("datasource", "schedule")


@dataclass
class Hindsight:
    """Samples of the queue of a week, at random instants."""

    week: Week
    every: float  # seconds between two looks, on average
    said: dict[int, list[tuple[datetime, str, int | None]]] = field(default_factory=dict)
    count: Counter[str] = field(default_factory=Counter)

    def begin(self) -> None:
        """Look from now on."""
        self.week.after(self.week.random.expovariate(1 / self.every), self._look)

    def _look(self) -> None:
        for job, kind, blocker in self.week.engine.session.rows(LOOK):
            self.said.setdefault(job, []).append((self.week.now, kind, blocker))
        self.count["looks"] += 1
        self.begin()

    def differences(self) -> Iterator[str]:
        """Yield where the two differ, or where seconds do not sum up to the wait."""
        for job, looks in self.said.items():
            rows = self.week.engine.session.rows(LATER, job)
            yield from self._sum(job, rows)
            for at, kind, blocker in looks:
                self.count["pairs"] += 1
                found = next((row for row in rows if row[0] <= at < row[1]), None)
                if rows and at == rows[-1][1]:  # it was cancelled or started in that instant
                    self.count["at its end"] += 1
                    continue
                if found is None:
                    self.count["before it was due"] += 1
                    if kind != "time" or (rows and at >= rows[0][0]):
                        yield f"job {job} at {at}: {kind}, and later nothing"
                    continue
                self.count[f"kind {kind}"] += 1
                later = SAID.get(found[2], found[2])
                holder = found[3] if kind in HOLDERS else None
                if (later, holder) != (kind, blocker):
                    yield f"job {job} at {at}: {kind} ({blocker}), later {found[2:4]}"

    @staticmethod
    def _sum(job: int, rows: list[tuple[Any, ...]]) -> Iterator[str]:
        if not rows:
            return
        spans = sorted({row[:2] for row in rows})
        if any(a[1] != b[0] for a, b in pairwise(spans)):
            yield f"job {job}: its spans overlap or leave gaps"
        micros = (spans[-1][1] - spans[0][0]).total_seconds() * 1_000_000
        if round(sum(row[4] for row in rows) * 1_000_000) != round(micros):
            yield f"job {job}: {sum(row[4] for row in rows)} s are not its wait of {micros} us"
