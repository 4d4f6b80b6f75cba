"""What was measured: samples by round, and the figures that are made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles


@dataclass(frozen=True)
class Figure:
    """One line of the result.

    `goal` is the least that `value` has to be, or the most if `is_most`; None: only reported.
    `value` is None where nothing was measured; `remark` then says why.
    """

    workload: str
    what: str
    value: float | None
    unit: str = ""
    goal: float | None = None
    is_most: bool = False
    remark: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the goal was reached; None if there is none, or no value."""
        if self.goal is None or self.value is None:
            return None
        return self.value <= self.goal if self.is_most else self.value >= self.goal

    @property
    def attained(self) -> float | None:
        """How far it got towards its goal; 1 or more is a goal reached."""
        if self.goal is None or self.value is None:
            return None
        if self.is_most:
            return self.goal / self.value if self.value else float("inf")
        return self.value / self.goal if self.goal else float("inf")


@dataclass
class Samples:
    """Values by name and round; ratios are made within a round, medians over the rounds."""

    values: dict[str, dict[int, float]] = field(default_factory=dict)
    series: dict[str, list[float]] = field(default_factory=dict)
    round: int = 0

    def add(self, name: str, value: float) -> float:
        """Keep a value of the current round, and return it."""
        self.values.setdefault(name, {})[self.round] = value
        return value

    def extend(self, name: str, values: Sequence[float]) -> None:
        """Keep many values of the current round, all rounds in one series."""
        self.series.setdefault(name, []).extend(values)

    def get(self, name: str) -> float | None:
        """Return the median over the rounds; None if there is no value."""
        found = self.values.get(name)
        return median(found.values()) if found else None

    def ratio(self, name: str, other: str) -> float | None:
        """Return the median of the ratios within each round."""
        one, two = self.values.get(name, {}), self.values.get(other, {})
        ratios = [one[number] / two[number] for number in one if two.get(number)]
        return median(ratios) if ratios else None

    def worst(self, name: str) -> float | None:
        """Return the greatest value of all rounds."""
        found = self.values.get(name)
        return max(found.values()) if found else None

    def best_of(self, names: Sequence[str]) -> Mapping[int, float]:
        """Return the greatest of several values, for each round that has one."""
        rounds: dict[int, float] = {}
        for name in names:
            for number, value in self.values.get(name, {}).items():
                rounds[number] = max(value, rounds.get(number, 0.0))
        return rounds

    def percentile(self, name: str, percent: float) -> float | None:
        """Return a percentile, of tenths of a percent, of a series of all rounds.

        None if it has less than two values.
        """
        found = self.series.get(name, [])
        if len(found) < 2:
            return None
        return quantiles(found, n=1000, method="inclusive")[round(10 * percent) - 1]
