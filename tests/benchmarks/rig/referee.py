"""The referee: sees whether a job was started while a better one was waiting, free to run.

The same for everybody; only the rule of order, and so a job's rank, is each queue's own.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

LONG = 0.01  # seconds that a job has to have been free, for others to have seen it


@dataclass(frozen=True)
class Start:
    """One job: its rank (less is better), and since when it was free to run.

    At `asked` whoever started it asked for a job, at `taken` it was theirs. Between the two it may
    have been in their hands or not, so it counts as neither free nor taken. Instants in seconds, by
    one clock.
    """

    rank: int
    free: float
    asked: float
    taken: float


@dataclass(frozen=True)
class Ruling:
    """What the referee saw: jobs, those that passed over a better one, and the worst seconds.

    `passed_over` is the longest that a job stayed free after the first that passed it over.
    """

    jobs: int
    inversions: int
    passed_over: float

    @property
    def per_million(self) -> float:
        """Inversions in a million starts."""
        return 1e6 * self.inversions / self.jobs if self.jobs else 0.0


def judge(starts: Iterable[Start]) -> Ruling:
    """Count the jobs that were started although a better one was free, and long had been.

    Of equal rank neither is better.
    """
    everybody = list(starts)
    events = [(one.free + LONG, 0, one) for one in everybody]
    events += [(one.taken, 1, one) for one in everybody]
    waiting: list[tuple[int, float]] = []  # rank of each free job, and until when; the best first
    passed: list[tuple[int, float]] = []  # those of them that have been passed over
    inversions, worst = 0, 0.0
    for instant, is_start, one in sorted(events, key=lambda event: event[:2]):
        if not is_start:
            heapq.heappush(waiting, (one.rank, one.asked))
            continue
        while waiting and waiting[0][0] < one.rank:
            rank, until = heapq.heappop(waiting)
            if until > instant:
                worst = max(worst, until - instant)
                heapq.heappush(passed, (rank, until))
        while passed and passed[0][1] <= instant:
            heapq.heappop(passed)
        inversions += bool(passed) and passed[0][0] < one.rank
    return Ruling(len(everybody), inversions, worst)
