"""How long jobs run and how they end: drawn from what their tasks did before.

In order of effect: a task's own last successes if there are some, else its or its type's median and
what is usual among tasks of the type; of what runs already only what is longer than it has run; a
level that all jobs of a run have in common; failures, which are retried by the rules. That no
attempt outlasts its timeout and the grace is among the rules, too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import exp, log

from pgdispatch.forecast.draws.chance import fraction, mixed, second_fraction
from pgdispatch.forecast.draws.levels import STEP, deviate, level_of
from pgdispatch.forecast.draws.past import Past, TypePast
from pgdispatch.forecast.run import MICROS, Fate, Subject

ENOUGH = 8  # successes of a task that tell more than its type does
FADING = 0.97  # each run counts so much of the one after it
UNKNOWN = 60.0  # seconds, of a type that never ran
DOUBT = 2.0  # attempts, as which the failures of the type count for a task
OVERDUE = 0.4  # what runs longer than ever goes on for such a part of it, on average
NO_LEVELS = (-0.7, -0.35, -0.15, 0.0, 0.15, 0.35, 0.7)


@dataclass(frozen=True, slots=True)
class Times:
    """A distribution of run times: seconds, ascending, and the share that lies up to each."""

    seconds: Sequence[float]
    shares: Sequence[float]

    def at(self, share: float) -> float:
        """Return the time that such a share is shorter than."""
        place = bisect_left(self.shares, share)
        if place == 0:
            return self.seconds[0]
        if place >= len(self.shares):
            return self.seconds[-1]
        low, high = self.shares[place - 1], self.shares[place]
        part = (share - low) / (high - low) if high > low else 1.0
        return self.seconds[place - 1] + part * (self.seconds[place] - self.seconds[place - 1])

    def share(self, seconds: float) -> float:
        """Return the share that is shorter than so many seconds."""
        if seconds <= self.seconds[0]:
            return 0.0
        place = bisect_left(self.seconds, seconds)
        if place >= len(self.seconds):
            return 1.0
        low, high = self.seconds[place - 1], self.seconds[place]
        part = (seconds - low) / (high - low) if high > low else 1.0
        return self.shares[place - 1] + part * (self.shares[place] - self.shares[place - 1])


def own_times(times: Sequence[float]) -> Times:
    """Return the distribution of a task's own times, newest first: newer ones count more."""
    weighed = sorted((seconds, FADING**age) for age, seconds in enumerate(times))
    sums = list(accumulate(weight for _, weight in weighed))
    whole = sums[-1]
    return Times(
        [seconds for seconds, _ in weighed],
        [(upto - weight / 2) / whole for upto, (_, weight) in zip(sums, weighed, strict=True)],
    )


def pooled_times(median: float, levels: Sequence[float]) -> Times:
    """Return the distribution of a task of which a median is known, and the levels of its type."""
    return Times(
        [median * exp(level) for level in levels],
        [place / (len(levels) - 1) for place in range(len(levels))],
    )


@dataclass
class Durations:
    """What the past says of how long jobs run, for all runs of a forecast."""

    past: Past
    made_at: int
    times: dict[tuple[int | None, str], Times] = field(default_factory=dict)
    rates: dict[tuple[int | None, str], float] = field(default_factory=dict)

    def run(self, number: int) -> RunDraws:
        """Return the draws of one simulated run."""
        return RunDraws(self, number)

    def times_of(self, task: int | None, type_: str) -> Times:
        """Return the distribution of a task's run times, or of its type's."""
        found = self.times.get((task, type_))
        if found is None:
            found = self.times[task, type_] = self._look_up(task, type_)
        return found

    def failure_rate(self, task: int | None, type_: str) -> float:
        """Return the chance that an attempt fails."""
        found = self.rates.get((task, type_))
        if found is None:
            of_type = self.past.types.get(type_) or TypePast((), None, 0, 0)
            usual = (of_type.failures + 0.01) / (of_type.failures + of_type.successes + 1.0)
            own = self.past.tasks.get(task or 0)
            found = usual
            if own is not None:
                attempts = own.failures + own.successes
                found = (own.failures + DOUBT * usual) / (attempts + DOUBT)
            self.rates[task, type_] = found
        return found

    def _look_up(self, task: int | None, type_: str) -> Times:
        own = self.past.tasks.get(task or 0)
        if own is not None and len(own.times) >= ENOUGH:
            return own_times(own.times)
        of_type = self.past.types.get(type_)
        median = own.median if own is not None else None
        median = median or (of_type.median if of_type is not None else None) or UNKNOWN
        levels = of_type.levels if of_type is not None and len(of_type.levels) > 1 else NO_LEVELS
        return pooled_times(median, levels)


class RunDraws:
    """The draws of one run: the same job has the same luck in it, whatever else happens."""

    def __init__(self, durations: Durations, number: int) -> None:
        self._durations = durations
        self._run = number
        self._level = level_of(durations.past, durations.made_at)
        self._deviate = deviate(number)
        self._factors: dict[int, float] = {}

    def attempt(self, subject: Subject, attempt: int, started_at: int, ran: int) -> Fate:
        """Say how an attempt goes: see `Draws`."""
        if subject.task is not None and subject.scheduled_at is not None:
            luck = mixed(self._run, 1, subject.task, subject.scheduled_at, attempt)
        elif subject.job is not None:
            luck = mixed(self._run, 2, subject.job, 0, attempt)
        else:
            luck = mixed(self._run, 3, subject.number or 0, subject.task or 0, attempt)
        durations, name = self._durations, subject.type
        times = durations.times_of(subject.task, name)
        factor = self._factor(started_at + ran)
        share = fraction(luck)
        if ran == 0:
            micros = int(times.at(share) * factor * MICROS)
        else:
            micros = _still(times, share, ran, factor)
        if second_fraction(luck) < durations.failure_rate(subject.task, name):
            return Fate(micros, "error")
        return Fate(micros)

    def _factor(self, instant: int) -> float:
        step = instant // STEP
        found = self._factors.get(step)
        if found is None:
            found = self._factors[step] = self._level.factor(instant, self._deviate)
        return found


def _still(times: Times, share: float, ran: int, factor: float) -> int:
    """Return how long an attempt runs that has run for `ran` already: longer than that."""
    passed = times.share(ran / MICROS / factor)
    if passed >= 0.999:
        return int(ran * (1.0 - OVERDUE * log(1.0 - share))) + 1
    micros = int(times.at(passed + (1.0 - passed) * share) * factor * MICROS)
    return max(micros, ran + 1)
