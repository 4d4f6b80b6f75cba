"""How often pages ask again: the less often the more is spent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pgdispatch.web.console.pace import LEAST, LONGEST, SHARE, Pace


class Clock:
    """A clock in our hands."""

    def __init__(self) -> None:
        """Begin at some time."""
        self.now = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def test_one_who_looks_is_served_quickly() -> None:
    """Each look is paid for before the next."""
    clock = Clock()
    pace = Pace(clock)
    for _ in range(100):
        assert pace.spend(LEAST * SHARE) == LEAST
        clock.now += LEAST


@given(
    costs=st.lists(st.floats(0.001, 0.5), min_size=1, max_size=60),
)
def test_many_who_look_take_their_share_and_no_more(costs: list[float]) -> None:
    """Each page asks when it was told to: all spend SHARE together, or each waits LONGEST."""
    clock = Clock()
    pace = Pace(clock)
    due = [(1000.0, number) for number in range(len(costs))]
    spent = 0.0
    while due[0][0] < 1000 + 10 * LONGEST:
        at, number = due.pop(0)
        clock.now = max(clock.now, at)
        clock.now += costs[number]
        spent += costs[number]
        wait = pace.spend(costs[number])
        assert LEAST <= wait <= LONGEST
        due = sorted([*due, (clock.now + wait, number)])

    passed = clock.now - 1000
    most = max(SHARE * passed, sum(costs) * passed / LONGEST) + 2 * sum(costs)
    assert spent <= most
