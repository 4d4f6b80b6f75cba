"""How full the coming hours are: busy backgrounders and waiting jobs by quarter of an hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from pgdispatch.forecast.plan import Plan
from pgdispatch.forecast.run import MICROS, Run

QUARTER = 900 * MICROS
HIGH = 0.9


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of an hour that begins at `at`: means, and what nine runs of ten stay within."""

    at: int
    busy: float
    busy_high: float
    waiting: float
    waiting_high: float
    runs: int


@dataclass
class Load:
    """Gathers simulated runs, which may end at different instants."""

    plan: Plan
    busy: list[list[float]] = field(default_factory=list)
    waiting: list[list[float]] = field(default_factory=list)

    @property
    def begins_at(self) -> int:
        """The beginning of the quarter of an hour in which the forecast is made."""
        return self.plan.made_at - self.plan.made_at % QUARTER

    @property
    def backgrounders(self) -> int:
        """How many backgrounders there are."""
        return sum(node.backgrounders for node in self.plan.nodes if not node.is_drained)

    def add(self, run: Run) -> None:
        """Add one run: an attempt counts from its job's last start, what waits from its coming."""
        begin, made_at, until = self.begins_at, run.made_at, run.until
        count = -(-(until - begin) // QUARTER)
        busy, waiting = Spans(begin, count), Spans(begin, count)
        for job in run.jobs:
            started = job.began_at if job.began_at is not None else job.started_at
            waits_until = until if started is None else min(started, until)
            waiting.add(max(job.created_at, made_at), waits_until)
            if started is not None:
                busy.add(max(started, made_at), until if job.ended_at is None else job.ended_at)
        for sums, spans in ((self.busy, busy), (self.waiting, waiting)):
            while len(sums) < count:
                sums.append([])
            for place, mean in enumerate(spans.means(made_at, until)):
                sums[place].append(mean)

    def quarters(self) -> Iterator[Quarter]:
        """Yield the quarters of an hour, the present one first."""
        for place, (busy, waiting) in enumerate(zip(self.busy, self.waiting, strict=True)):
            yield Quarter(
                at=self.begins_at + place * QUARTER,
                busy=sum(busy) / len(busy),
                busy_high=_high(busy),
                waiting=sum(waiting) / len(waiting),
                waiting_high=_high(waiting),
                runs=len(busy),
            )


class Spans:
    """How many spans cover each of so many quarters of an hour, on average over it."""

    def __init__(self, begin: int, count: int) -> None:
        self._begin = begin
        self._count = count
        self._edges = [0] * (count + 1)  # what begins or ends within a quarter, in microseconds
        self._whole = [0] * (count + 1)  # by how many the number of covered quarters changes

    def add(self, start: int, end: int) -> None:
        """Add a span; what lies outside of all quarters is cut off."""
        first, into = divmod(max(start - self._begin, 0), QUARTER)
        last, rest = divmod(min(end - self._begin, self._count * QUARTER), QUARTER)
        if first > last or end <= start:
            return
        if first == last:
            self._edges[first] += rest - into
            return
        self._edges[first] += QUARTER - into
        self._edges[last] += rest
        self._whole[first + 1] += 1
        self._whole[last] -= 1

    def means(self, made_at: int, until: int) -> Iterator[float]:
        """Yield the mean of each quarter, over that part of it which was simulated."""
        for place, whole in enumerate(accumulate(self._whole[: self._count])):
            at = self._begin + place * QUARTER
            length = min(at + QUARTER, until) - max(at, made_at)
            if length > 0:
                yield (whole * QUARTER + self._edges[place]) / length
            else:
                yield 0.0


def _high(values: Sequence[float]) -> float:
    return sorted(values)[int(HIGH * (len(values) - 1) + 0.5)]
