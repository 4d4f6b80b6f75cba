"""The figures of the benchmark suite: medians, ratios within a round, goals."""

from __future__ import annotations

import pytest

from benchmarks.report.figures import Figure, Samples
from benchmarks.report.report import markdown, number
from benchmarks.sizes import FULL, QUICK
from benchmarks.workloads.gated import LIMIT, Run, exceeded
from support.checkout import TESTS

BENCHMARKS = TESTS / "benchmarks"


def sampled(**rounds: list[float]) -> Samples:
    """Return samples of several rounds."""
    samples = Samples()
    for name, values in rounds.items():
        for samples.round, value in enumerate(values):
            samples.add(name, value)
    return samples


def test_ratio_is_made_within_each_round() -> None:
    """A machine that slows down in one round slows both down."""
    samples = sampled(one=[10.0, 1.0, 10.0], other=[5.0, 0.5, 5.0])

    assert samples.ratio("one", "other") == 2.0
    assert samples.get("one") == 10.0


def test_ratio_to_what_was_not_measured_is_none() -> None:
    """No peer, no ratio."""
    assert sampled(one=[1.0]).ratio("one", "other") is None


def test_best_of_several_ways_is_chosen_in_each_round() -> None:
    """A peer is compared by its faster way."""
    samples = sampled(processes=[1.0, 4.0], slots=[2.0, 3.0])

    assert samples.best_of(["processes", "slots"]) == {0: 2.0, 1: 4.0}


@pytest.mark.parametrize(
    ("value", "goal", "is_most", "reached"),
    [
        (1.0, 1.0, False, True),
        (0.9, 1.0, False, False),
        (0.9, 1.0, True, True),
        (1.1, 1.0, True, False),
        (0.0, 0.0, True, True),
        (None, 1.0, False, None),
        (1.0, None, False, None),
    ],
)
def test_goal_is_reached(
    value: float | None, goal: float | None, is_most: bool, reached: bool | None
) -> None:
    """At least or at most so much; without a value or a goal there is nothing to say."""
    assert Figure("B0", "a figure", value, goal=goal, is_most=is_most).reached is reached


def test_missed_goal_is_shown() -> None:
    """A table for people does not hide it."""
    table = markdown([Figure("B1", "rate", 0.5, "x", goal=1.2)], {"Python": "3"}, ["a remark"])

    assert "| B1 | rate | 0.5 x | ≥ 1.2 | MISSED |" in table
    assert "- a remark" in table


def test_numbers_are_short() -> None:
    """Three digits, or whole thousands."""
    assert [number(value) for value in (None, 0.0, 0.1234, 12.345, 12345.6)] == [
        "-",
        "0",
        "0.123",
        "12.3",
        "12,346",
    ]


def test_gate_is_exceeded_by_what_runs_at_the_same_time_only() -> None:
    """One job after the other on a datasource is right; two at once are not."""
    right = [Run(0, 1, "default", "d", None), Run(1, 2, "default", "d", None)]
    wrong = [*right, Run(0.5, 1.5, "default", "d", None)]

    assert exceeded(right) == 0
    assert exceeded(wrong) == 2


def test_limited_site_may_run_as_many_as_its_limit() -> None:
    """The next one is too many."""
    runs = [Run(0, 1, "limited 1", f"d{number}", None) for number in range(LIMIT + 1)]

    assert exceeded(runs[:-1]) == 0
    assert exceeded(runs) == 1


def test_quick_run_measures_less_of_everything() -> None:
    """Each amount is at most that of a full run."""
    for name in ("drain_jobs", "free_jobs", "held_jobs", "bulk_inserts", "idle_slots"):
        assert getattr(QUICK, name) < getattr(FULL, name)


def test_no_file_is_too_long() -> None:
    """The suite keeps the rule of the package: one responsibility in 250 lines."""
    files = [*BENCHMARKS.rglob("*.py"), *BENCHMARKS.rglob("*.mjs")]

    assert files
    assert [
        file.name for file in files if len(file.read_text(encoding="utf-8").splitlines()) > 250
    ] == []
