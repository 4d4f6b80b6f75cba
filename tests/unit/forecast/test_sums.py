"""What many simulated runs say together: quantiles, chances, load, and widened intervals."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from pgdispatch.forecast.plan import Node, Plan, QueuedJob, Settings
from pgdispatch.forecast.run import MICROS, Run, SimulatedJob, Skipped
from pgdispatch.forecast.sums.calibration import lead_of, read_calibration, widen
from pgdispatch.forecast.sums.keeping import Said, checks, rows_of_jobs, rows_of_schedules
from pgdispatch.forecast.sums.load import QUARTER, Load, Spans
from pgdispatch.forecast.sums.quantiles import JobForecast, Quantiles, ScheduleForecast, between

NOW = 1_764_547_200 * MICROS  # on the hour
MINUTE = 60 * MICROS
UNTIL = NOW + 720 * MINUTE
LATE = 10 * MINUTE


def queued(number: int, *, is_running: bool = False) -> QueuedJob:
    """Return a job that is there, since a minute ago."""
    return QueuedJob(
        id=number, type="system", site="default", datasource=None, schedule=None, task=None,
        linked_task=None, step=None, scheduled_at=None, run_now=False, created_at=NOW - MINUTE,
        key=(1, 50, NOW, -1, 0.0, 0.0, number), not_before=None, timeout=None, max_attempts=1,
        attempt=0, failures=0, losses=0, is_cancelled=False, is_running=is_running,
        started_at=None, node=None, first_started_at=None,
    )  # fmt: skip


def plan(*jobs: QueuedJob) -> Plan:
    """Return a plan with these jobs and three backgrounders."""
    settings = Settings(60, 180, True, 3, 1800, 5, 30, 3600)
    nodes = (Node("n", 2), Node("m", 1), Node("away", 5, is_drained=True))
    return Plan(NOW, UNTIL, settings, {}, {}, nodes, (), (), {}, (), jobs)


def told(
    start: float | None,
    end: float | None,
    *,
    job: int | None = None,
    task: int = 0,
    site: str = "a",
) -> SimulatedJob:
    """Return a job that starts and ends so many minutes after now; one of a task is scheduled."""
    return SimulatedJob(
        job, task or None, NOW + 60 * MINUTE if task else None, "system", site, None,
        "nightly" if task else None, None, NOW + 60 * MINUTE if task else NOW - MINUTE,
        started_at=None if start is None else NOW + int(start * MINUTE),
        ended_at=None if end is None else NOW + int(end * MINUTE),
    )  # fmt: skip


def summed(
    jobs: list[list[SimulatedJob]], *queue: QueuedJob, skipped: list[list[Skipped]] | None = None
) -> Quantiles:
    """Return what runs with these jobs sum up to."""
    found = Quantiles(plan(*queue), until=UNTIL, late=LATE)
    for number, made in enumerate(jobs):
        found.add(Run(NOW, UNTIL, made, skipped[number] if skipped else []))
    return found


def one_of(found: Quantiles) -> JobForecast:
    """Return the only forecast of a job."""
    (one,) = found.jobs()
    return one


def test_a_waiting_job_starts_in_the_middle_of_its_runs() -> None:
    """Between the 10 and 90 % points; the chance of being late is a share of runs."""
    found = one_of(summed([[told(at, at + 5, job=1)] for at in range(11)], queued(1)))

    assert found.state == "waiting"
    assert [(at or 0) - NOW for at in found.starts] == [1 * MINUTE, 5 * MINUTE, 9 * MINUTE]
    assert [(at or 0) - NOW for at in found.ends] == [6 * MINUTE, 10 * MINUTE, 14 * MINUTE]
    assert found.late_chance == pytest.approx(1 / 11)  # it is due since a minute ago
    assert found.beyond is None


def test_what_does_not_start_within_the_horizon_is_later_than_all_that_does() -> None:
    """Half of the runs: no middle is said. A run may go on beyond the horizon: that counts so."""
    rows = [[told(None, None, job=1)], [told(800, 900, job=1)], [told(3, 4, job=1)]]
    found = one_of(summed(rows, queued(1)))

    assert found.starts[1:] == (None, None)
    assert found.beyond == "not within the horizon"
    assert found.late_chance == pytest.approx(2 / 3)


def test_of_what_runs_only_the_end_is_said() -> None:
    """It has started."""
    rows = [[told(-3, 4, job=1)]] * 3
    found = one_of(summed(rows, queued(1, is_running=True)))

    assert (found.state, found.starts, found.late_chance) == ("running", (None, None, None), None)
    assert found.ends[1] == NOW + 4 * MINUTE


def test_an_occurrence_that_makes_no_job_in_some_runs_is_forecast_of_the_others() -> None:
    """Its chance of being skipped is told beside; skipped in most: why."""
    skip = [Skipped(7, NOW + 60 * MINUTE, "waiting")]
    made = [told(61, 62, task=7)]
    seldom = one_of(summed([made, made, []], skipped=[[], [], skip]))
    often = one_of(summed([made, [], []], skipped=[[], skip, skip]))

    assert seldom.skipped_chance == pytest.approx(1 / 3)
    assert seldom.starts[2] == NOW + 61 * MINUTE
    assert often.skipped_chance == pytest.approx(2 / 3)
    assert often.starts[2] is not None


def test_a_run_of_a_schedule_begins_with_its_first_and_ends_with_its_last_job() -> None:
    """As a whole and by site; the job that is last most often decides."""
    rows = [
        [told(60, 70, task=1), told(62, last, task=2), told(75, 76, task=3, site="b")]
        for last in (65, 80, 90)
    ]
    found = {run.site: run for run in summed(rows).schedules()}
    whole, of_a, of_b = found[None], found["a"], found["b"]

    assert whole.jobs == 3
    assert [(at or 0) - NOW for at in (whole.starts[1], whole.ends[1])] == [
        60 * MINUTE,
        80 * MINUTE,
    ]
    assert (whole.last, round(whole.last_chance, 2)) == ((None, 2, NOW + 60 * MINUTE), 0.67)
    assert (whole.late_chance, of_a.late_chance, of_b.late_chance) == (1.0, 0.0, 1.0)
    assert (of_a.jobs, of_b.jobs) == (2, 1)
    assert isinstance(whole, ScheduleForecast)


def test_the_points_lie_between_values_and_never_beyond_the_last() -> None:
    """Nothing is said of nothing."""
    assert between([]) == (None, None, None)
    assert between([5.0]) == (5, 5, 5)
    assert between([0.0, 10.0]) == (1, 5, 9)
    assert between([0.0, inf]) == (None, None, None)


def test_load_is_the_share_of_each_quarter_that_spans_cover() -> None:
    """A span may lie within one, or cover several; what began before counts from now."""
    spans = Spans(NOW, 4)
    spans.add(NOW - QUARTER, NOW + QUARTER // 2)
    spans.add(NOW + QUARTER // 2, NOW + 3 * QUARTER)
    spans.add(NOW + 3 * QUARTER + 1, NOW + 9 * QUARTER)

    assert list(spans.means(NOW, NOW + 4 * QUARTER)) == pytest.approx([1, 1, 1, 1], abs=1e-6)


def test_load_counts_backgrounders_and_what_waits() -> None:
    """Drained nodes have none."""
    load = Load(plan(queued(1)))
    load.add(Run(NOW, NOW + 2 * QUARTER, [told(7.5, 15, job=1), told(15, 99, job=2)], []))
    first, second = load.quarters()

    assert load.backgrounders == 3
    assert (first.busy, first.waiting) == (0.5, 1.5)
    assert (second.busy, second.waiting, second.runs) == (1.0, 0.0, 1)


def test_intervals_are_widened_by_what_earlier_ones_missed() -> None:
    """By state and lead, else by state; never before it can be; one without an end stays."""
    rows: list[dict[str, Any]] = [
        {"state": "waiting", "what": "starts", "lead": "under 15 min", "widened": 0.5},
        {"state": "waiting", "what": "starts", "lead": None, "widened": 2.0},
        {"state": "running", "what": "ends", "lead": None, "widened": -3.0},
    ]
    found = read_calibration(rows)
    interval = (NOW + 5 * MINUTE, NOW + 6 * MINUTE, NOW + 8 * MINUTE)

    assert found.of("waiting", "starts", 5 * MINUTE) == 0.5
    assert found.of("waiting", "starts", 50 * MINUTE) == 2.0
    assert found.of("coming", "starts", 5 * MINUTE) == 0.0
    assert found.of("running", "ends", 5 * MINUTE) == -0.4
    assert widen(interval, 0.5, NOW, UNTIL) == (
        NOW + 3 * MINUTE,
        NOW + 6 * MINUTE,
        NOW + 10 * MINUTE,
    )
    assert widen(interval, 5.0, NOW, UNTIL)[0] == NOW
    assert widen(interval, 5.0, NOW, NOW + 9 * MINUTE)[2] is None
    assert widen(interval, -0.4, NOW, UNTIL)[1] == NOW + 6 * MINUTE
    assert widen((NOW, NOW, None), 1.0, NOW, UNTIL) == (NOW, NOW, None)
    assert [lead_of(minutes * MINUTE) for minutes in (1, 15, 60, 240)] == [
        "under 15 min",
        "15 to 60 min",
        "1 to 4 h",
        "over 4 h",
    ]


def test_what_is_noted_is_the_interval_as_simulated_beside_how_it_was_widened() -> None:
    """Else the next calibration would learn from its own doing."""
    rows = [{"state": "waiting", "what": "starts", "lead": None, "widened": 1.0}]
    found = summed([[told(at, at + 5, job=1)] for at in range(11)], queued(1))
    said = Said(found, read_calibration(rows), NOW, LATE)
    ((shown,), (noted,)) = rows_of_jobs(said), checks(said)

    assert shown["starts"] == (NOW, NOW + 5 * MINUTE, NOW + 18 * MINUTE)
    assert noted["starts"] == (NOW + MINUTE, NOW + 5 * MINUTE, NOW + 9 * MINUTE)
    assert noted["starts_widened"] == 1.0
    assert noted["late_after"] == NOW + 9 * MINUTE
    assert rows_of_schedules(said) == []
