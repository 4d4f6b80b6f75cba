"""What the cases of a what-if do to each schedule, from pairs of runs."""

from __future__ import annotations

from pgdispatch.forecast.questions.comparison import AS_IT_IS, Ends, compare
from pgdispatch.forecast.run import MICROS, Run, SimulatedJob

MINUTE = 60 * MICROS


def job(schedule: str, at: int, start: int | None, end: int | None) -> SimulatedJob:
    """Return a job of a schedule; instants in minutes."""
    return SimulatedJob(
        None, 1, at * MINUTE, "flow", "north", None, schedule, None, at * MINUTE,
        started_at=None if start is None else start * MINUTE,
        ended_at=None if end is None else end * MINUTE,
    )  # fmt: skip


def run(*jobs: SimulatedJob) -> Run:
    """Return a run over 100 minutes."""
    return Run(0, 100 * MINUTE, list(jobs), [])


def test_the_next_run_of_a_schedule_is_compared_pair_by_pair() -> None:
    """Its last end in each run; later runs of it do not count, nor one that is over already."""

    def simulate(case: str, number: int) -> Run:
        added = 30 if case == "slower" else 0
        return run(
            job("nightly", -5, 1, 90),
            job("nightly", 10, 10, 20),
            job("nightly", 10, 12 + added, 30 + number + added),
            job("nightly", 60, 60, 99),
        )

    as_it_is, slower = compare(simulate, ["slower"], range(11))

    assert (as_it_is.case, as_it_is.scheduled_at, as_it_is.later) == (AS_IT_IS, 10 * MINUTE, 0.0)
    assert as_it_is.ends == Ends(31 * MINUTE, 35 * MINUTE, 39 * MINUTE)
    assert as_it_is.mean_delay == 60.0
    assert slower.ends == Ends(61 * MINUTE, 65 * MINUTE, 69 * MINUTE)
    assert (slower.later, slower.mean_delay) == (30 * 60.0, 16 * 60.0)


def test_what_does_not_end_within_the_horizon_is_said_to_end_after_it() -> None:
    """And how much later it is cannot be told if most runs are so."""

    def simulate(case: str, number: int) -> Run:
        is_late = case == "slower" and number % 4
        return run(job("nightly", 10, 10, 20 if not is_late else None))

    as_it_is, slower = compare(simulate, ["slower"], range(8))

    assert (as_it_is.unfinished, slower.unfinished) == (0.0, 0.75)
    assert slower.ends == Ends(20 * MINUTE, None, None)
    assert slower.later is None


def test_what_waits_counts_where_nothing_more_is_to_come() -> None:
    """Its time has been, so its delay counts from there."""
    (line,) = compare(lambda _case, _number: run(job("nightly", -30, 5, 9)), [], range(3))

    assert (line.scheduled_at, line.mean_delay) == (-30 * MINUTE, 35 * 60.0)
