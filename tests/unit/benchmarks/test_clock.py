"""The clock of B13: instants at random, the same each time."""

from __future__ import annotations

from itertools import pairwise
from statistics import mean, pstdev

import pytest

from benchmarks.rig.clock import instants


def test_clock_is_the_same_each_time() -> None:
    """A round differs from another by the machine alone."""
    assert list(instants(0.0, 1.0, 100.0)) == [
        pytest.approx(instant - 5.0) for instant in instants(5.0, 1.0, 100.0)
    ]


def test_clock_is_of_a_poisson_process() -> None:
    """As many as asked for, and the gaps vary as much as they last on average."""
    found = list(instants(0.0, 100.0, 100.0))
    gaps = [later - sooner for sooner, later in pairwise(found)]

    assert len(found) == pytest.approx(10_000, rel=0.05)
    assert found[-1] < 100.0
    assert pstdev(gaps) == pytest.approx(mean(gaps), rel=0.05)
