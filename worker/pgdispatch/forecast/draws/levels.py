"""How much longer or shorter all jobs of a simulated run take: what they have in common.

A night differs as a whole: the source is slow, the month ends. Draws that know nothing of it are
each right, and wrong together: their intervals held half of what they said. So each run draws a
level for all its jobs. Where it begins is known to some degree from what has ended lately; further
ahead it goes back to what half days usually are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import exp, sqrt
from statistics import NormalDist

from pgdispatch.forecast.draws.chance import spread
from pgdispatch.forecast.draws.past import Past

HALF_DAY = 43_200 * 1_000_000  # microseconds
STEP = 900 * 1_000_000
USUAL_SPREAD = 0.15  # of the level, until there are some half days
LEAST_SPREAD = 0.03
FEW = 4  # half days
FEW_RECENT = 8  # so many ended lately tell as much as all that was before
LIKENESS = (0.3, 0.6, 0.9)  # of a half day to the next: at least, if not known, at most
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Level:
    """What is known of the level at `at`: its mean and spread there, and how fast that fades."""

    at: int
    mean: float
    knowledge: float
    spread: float
    likeness: float

    def factor(self, instant: int, deviate: float) -> float:
        """Return by what a time is multiplied at an instant, in a run of this deviate."""
        faded = self.likeness ** (max(instant - self.at, 0) / HALF_DAY)
        width = self.spread * sqrt(1.0 - self.knowledge * faded * faded)
        return exp(self.mean * faded + width * deviate)


def level_of(past: Past, at: int) -> Level:
    """Return what the past says of the level at an instant."""
    levels = [level for level, _ in past.halves]
    width, likeness = USUAL_SPREAD, LIKENESS[1]
    if len(levels) >= FEW:
        centre = sum(levels) / len(levels)
        width = sqrt(sum((level - centre) ** 2 for level in levels) / (len(levels) - 1))
        likeness = _likeness([level - centre for level in levels])
    count, recent = past.recent
    weight = count / (count + FEW_RECENT)
    return Level(at, weight * recent, 0.8 * weight, max(width, LEAST_SPREAD), likeness)


def deviate(run: int) -> float:
    """Return how far the level of a run is from its mean, in spreads."""
    return NORMAL.inv_cdf(spread(run, 0.5))


def _likeness(levels: list[float]) -> float:
    """Return how like a half day is to the next, of levels around 0; kept within bounds."""
    whole = sum(level * level for level in levels)
    pairs = sum(one * other for one, other in pairwise(levels))
    least, _, most = LIKENESS
    return least if whole == 0 else min(max(pairs / whole, least), most)
