"""How a rate is made of the instants at which jobs ended."""

from __future__ import annotations

from collections.abc import Sequence


def middle_rate(ends: Sequence[float], *, since: float = 0.0) -> float:
    """Return how many ended a second, between the 5 % and the 95 % of all that ended.

    `ends` are instants in seconds. `since` cuts off more at the beginning: until then not all of
    those who work were at it; ignored if that leaves less than a quarter. 0 if there are too few.
    """
    ends = sorted(ends)
    first, last = len(ends) // 20, len(ends) - 1 - len(ends) // 20
    all_at_it = next((number for number, end in enumerate(ends) if end >= since), len(ends))
    if all_at_it < last - len(ends) // 4:
        first = max(first, all_at_it)
    span = ends[last] - ends[first] if last > first else 0.0
    return (last - first) / span if span > 0 else 0.0
