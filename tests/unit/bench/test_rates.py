"""How a rate is made of the instants at which jobs ended."""

from __future__ import annotations

import pytest

from pgdispatch.bench.rates import middle_rate


def test_rate_is_that_of_the_middle() -> None:
    """A slow start and a slow end do not count."""
    ends = [0.0, *(100 + number / 10 for number in range(98)), 1000.0]

    assert middle_rate(ends) == pytest.approx(10.0)


def test_rate_counts_from_when_all_are_at_it() -> None:
    """Half the jobs ran at half the speed, before the second process was there."""
    slow = [number / 1.0 for number in range(50)]
    fast = [50 + number / 2.0 for number in range(50)]

    assert middle_rate([*slow, *fast], since=50.0) == pytest.approx(2.0)


def test_rate_does_not_need_all_at_it_if_little_would_be_left() -> None:
    """A process that came at the very end does not leave nothing to count."""
    ends = [float(number) for number in range(100)]

    assert middle_rate(ends, since=98.0) == pytest.approx(1.0)


@pytest.mark.parametrize("ends", [[], [1.0], [1.0, 1.0, 1.0]])
def test_rate_of_too_little_is_none(ends: list[float]) -> None:
    """No division by nothing."""
    assert middle_rate(ends) == 0.0
