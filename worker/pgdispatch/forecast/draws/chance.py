"""Random numbers that depend on what they are for and on nothing else.

So the same job has the same luck in each case of a what-if, whatever comes before it, and a small
change shows as one. And the same in a run made again.
"""

from __future__ import annotations

ALL = 0xFFFFFFFFFFFFFFFF
GOLDEN = 0x9E3779B97F4A7C15
CONJUGATE = 0.6180339887498949  # of the golden ratio: multiples of it fill 0 to 1 evenly


def mixed(*numbers: int) -> int:
    """Return 64 bits that these numbers decide, in their order."""
    state = 0
    for number in numbers:
        state = (state ^ number) * GOLDEN + number & ALL
        state ^= state >> 29
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & ALL
    state = (state ^ state >> 27) * 0x94D049BB133111EB & ALL
    return state ^ state >> 31


def fraction(bits: int) -> float:
    """Return a number above 0 and below 1, by the upper half of 64 bits."""
    return ((bits >> 32) + 0.5) / 4294967296.0


def second_fraction(bits: int) -> float:
    """Return another one, by the lower half."""
    return ((bits & 0xFFFFFFFF) + 0.5) / 4294967296.0


def spread(run: int, phase: float) -> float:
    """Return the number of a run, above 0 and below 1, so that even few runs fill that evenly."""
    return min(max((phase + run * CONJUGATE) % 1.0, 1e-6), 1 - 1e-6)
