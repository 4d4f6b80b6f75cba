"""How run times are drawn: the same luck for the same job, and what is known of the past."""

from __future__ import annotations

from math import log
from statistics import mean, median, pvariance

import pytest

from pgdispatch.forecast.draws.arrivals import arrivals_of
from pgdispatch.forecast.draws.chance import fraction, mixed, second_fraction, spread
from pgdispatch.forecast.draws.durations import Durations, own_times, pooled_times
from pgdispatch.forecast.draws.levels import deviate, level_of
from pgdispatch.forecast.draws.past import Day, Past, TaskPast, TypePast
from pgdispatch.forecast.run import MICROS, Subject

NOW = 1_764_547_200 * MICROS
HOUR = 3600 * MICROS
TIMES = tuple(float(seconds) for seconds in range(50, 90))
STEADY = Past(
    tasks={
        1: TaskPast("full_extract", 70.0, TIMES, 40, 0),
        2: TaskPast("full_extract", 600.0, (600.0,), 1, 0),
        3: TaskPast("full_extract", 70.0, TIMES, 20, 20),
    },
    types={"full_extract": TypePast((-0.5, 0.0, 0.5), 100.0, 60, 20)},
    halves=tuple((0.0, 50) for _ in range(20)),
)


def subject(task: int | None, *, at: int | None = NOW, job: int | None = None) -> Subject:
    """Return a job of a task."""
    return Subject(job, task, at, None, "full_extract", "default", None)


def drawn(past: Past, task: int | None, *, ran: int = 0, runs: int = 400) -> list[float]:
    """Return the run times, in seconds, of a job in so many runs."""
    durations = Durations(past, NOW)
    return [
        durations.run(run).attempt(subject(task), 1, NOW, ran).micros / MICROS
        for run in range(runs)
    ]


def test_random_numbers_depend_on_what_they_are_for_and_on_nothing_else() -> None:
    """And fill 0 to 1 evenly, both halves of one independently."""
    found = [mixed(run, 1, task, NOW, 1) for run in range(50) for task in range(40)]
    first, second = [fraction(one) for one in found], [second_fraction(one) for one in found]

    assert found == [mixed(run, 1, task, NOW, 1) for run in range(50) for task in range(40)]
    assert mixed(1, 2) != mixed(2, 1)
    for numbers in (first, second):
        assert abs(mean(numbers) - 0.5) < 0.02
        assert abs(pvariance(numbers) * 12 - 1) < 0.05
    assert abs(mean(one * other for one, other in zip(first, second, strict=True)) - 0.25) < 0.02


def test_a_job_has_the_same_luck_whatever_its_number_and_the_others_do() -> None:
    """An occurrence is the same before and after its job exists."""
    draws = Durations(STEADY, NOW).run(7)

    coming = draws.attempt(subject(1), 1, NOW + HOUR, 0)
    draws.attempt(subject(2), 1, NOW, 0)

    assert draws.attempt(subject(1, job=42), 1, NOW + HOUR, 0) == coming
    assert draws.attempt(subject(1), 2, NOW + HOUR, 0) != coming
    assert Durations(STEADY, NOW).run(8).attempt(subject(1), 1, NOW + HOUR, 0) != coming


def test_a_task_with_a_past_runs_as_it_did_and_newer_times_count_more() -> None:
    """Its own last times, not those of its type."""
    seconds = drawn(STEADY, 1)
    growing = own_times(tuple(reversed(TIMES)))

    assert 50 * 0.8 < min(seconds) < max(seconds) < 89 * 1.25
    assert abs(median(seconds) - 69) < 6
    assert growing.at(0.5) > own_times(TIMES).at(0.5)


def test_a_task_that_seldom_ran_takes_the_spread_of_its_type() -> None:
    """Around its own median; one that never did around that of its type."""
    seldom, never = drawn(STEADY, 2), drawn(STEADY, None)

    assert abs(log(median(seldom) / 600)) < 0.15
    assert max(seldom) / min(seldom) > 2
    assert abs(log(median(never) / 100)) < 0.15


@pytest.mark.parametrize(("ran", "task"), [(60, 1), (88, 1), (500, 1), (700, 2)])
def test_what_runs_takes_longer_than_it_has_run(ran: int, task: int) -> None:
    """However long that is; longer than ever: for a while yet."""
    seconds = drawn(STEADY, task, ran=ran * MICROS)

    assert min(seconds) > ran
    assert median(seconds) < ran * 1.7


def test_failures_come_as_often_as_they_did() -> None:
    """Half of the attempts of one task failed, none of another's."""
    durations = Durations(STEADY, NOW)
    runs = [durations.run(run) for run in range(400)]

    rates = [
        sum(draws.attempt(subject(task), 1, NOW, 0).ended_as == "error" for draws in runs) / 400
        for task in (1, 3)
    ]

    assert rates[0] < 0.06
    assert abs(rates[1] - 0.5) < 0.08


def test_all_jobs_of_a_run_share_its_level_which_follows_what_has_ended_lately() -> None:
    """It fades: a half day later it is on the way back to what half days are."""
    halves = tuple((0.3 * (-1) ** place, 50) for place in range(20))
    calm = level_of(Past(halves=halves), NOW)
    slow = level_of(Past(halves=halves, recent=(40, 0.4)), NOW)

    assert calm.factor(NOW, 0.0) == pytest.approx(1.0)
    assert slow.factor(NOW, 0.0) > 1.3
    assert 1.0 < slow.factor(NOW + 12 * HOUR, 0.0) < slow.factor(NOW, 0.0)
    assert slow.factor(NOW, 1.0) / slow.factor(NOW, -1.0) < (
        slow.factor(NOW + 12 * HOUR, 1.0) / slow.factor(NOW + 12 * HOUR, -1.0)
    )
    assert abs(mean(deviate(run) for run in range(100))) < 0.05
    assert 0.8 < pvariance([deviate(run) for run in range(100)]) < 1.1
    assert all(0 < spread(run, 0.5) < 1 for run in range(1000))


def test_arrivals_are_those_of_one_past_day_and_days_take_turns() -> None:
    """A thinned day's jobs come as often as they stand for, none outside of the stretch."""
    one = (60.0, "system", "default", None, None, None, 50, False)
    late = (7200.0, "system", "default", None, None, None, 50, True)
    past = Past(days=(Day(1, (one, late)), Day(3, (one,))))

    first, second, third = (arrivals_of(past, NOW, NOW + HOUR, run) for run in range(3))

    assert [arrival.at for arrival in first] == [NOW + 60 * MICROS]
    assert len(second) == 3
    assert third == first
    assert arrivals_of(Past(), NOW, NOW + HOUR, 0) == []


def test_a_pooled_distribution_is_around_its_median() -> None:
    """By the quantiles of its type."""
    times = pooled_times(100.0, (-0.5, 0.0, 0.5))

    assert times.at(0.5) == pytest.approx(100.0)
    assert times.share(times.at(0.25)) == pytest.approx(0.25)
    assert times.share(1.0) == 0.0
    assert times.share(1e9) == 1.0
