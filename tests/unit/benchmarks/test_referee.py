"""The referee of B14, on made histories."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.rig.referee import LONG, Ruling, Start, judge

instants = st.integers(0, 40).map(lambda hundredths: hundredths / 100)


@st.composite
def made_starts(draw: st.DrawFn) -> Start:
    """Draw a job that was free, then asked for, then taken."""
    free, asked, taken = sorted((draw(instants), draw(instants), draw(instants)))
    return Start(draw(st.integers(0, 5)), free, asked, taken)


def starts(*instants: float) -> list[Start]:
    """Return jobs of ranks 0, 1, 2, … that were started at these instants, all free before."""
    return [Start(rank, 0.0, instant, instant) for rank, instant in enumerate(instants)]


def test_jobs_in_their_order_are_no_inversion() -> None:
    """Each was started after the better ones."""
    assert judge(starts(1.0, 2.0, 3.0)) == Ruling(jobs=3, inversions=0, passed_over=0.0)


def test_job_that_was_started_before_two_better_ones_is_one_inversion() -> None:
    """It is counted once; the seconds are those of the one that waited longest."""
    assert judge(starts(2.0, 3.5, 1.0)) == Ruling(jobs=3, inversions=1, passed_over=2.5)


def test_each_job_that_passes_over_a_better_one_is_counted() -> None:
    """The best job was last: all others passed it over, the first of them for two seconds."""
    assert judge(starts(3.0, 1.0, 2.0)) == Ruling(jobs=3, inversions=2, passed_over=2.0)


def test_better_job_that_a_rival_is_at_is_not_free() -> None:
    """From when he asked until it was his it may have been in his hands."""
    other = Start(rank=1, free=0.0, asked=1.0, taken=1.5)

    assert judge([Start(0, 0.0, asked=1.4, taken=3.0), other]).inversions == 0
    assert judge([Start(0, 0.0, asked=1.6, taken=3.0), other]).inversions == 1


def test_better_job_that_had_not_been_free_for_long_is_not_passed_over() -> None:
    """Whoever started the other one may not have seen it yet."""
    other = Start(rank=1, free=0.0, asked=1.0, taken=1.0)

    assert judge([Start(0, 0.995, 2.0, 2.0), other]).inversions == 0
    assert judge([Start(0, 1.5, 2.0, 2.0), other]).inversions == 0
    assert judge([Start(0, 0.985, 2.0, 2.0), other]).inversions == 1


def test_of_equal_rank_neither_is_better() -> None:
    """A queue that promises no order among them breaks none."""
    assert judge([Start(0, 0.0, 2.0, 2.0), Start(0, 0.0, 1.0, 1.0)]).inversions == 0


def test_inversions_are_told_per_million() -> None:
    """One of four starts; none of none."""
    assert judge(starts(2.0, 1.0, 3.0, 4.0)).per_million == 250_000
    assert judge([]).per_million == 0


@given(st.lists(made_starts(), max_size=12))
def test_referee_counts_as_who_compares_each_with_each(history: list[Start]) -> None:
    """The same by the definition, which is slow."""
    found = [
        [
            better.asked - one.taken
            for better in history
            if better.rank < one.rank
            and better.free + LONG <= one.taken
            and better.asked > one.taken
        ]
        for one in history
    ]

    ruling = judge(history)

    assert ruling.inversions == sum(bool(of_one) for of_one in found)
    assert ruling.passed_over == max((wait for of_one in found for wait in of_one), default=0.0)
