"""The demo's check of the order has to be able to fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pgdispatch.demo.check import Finding, check

BEGAN = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return the instant so many seconds after the beginning."""
    return BEGAN + timedelta(seconds=seconds)


def job(number: int, *, asked: float, ended: float, **values: Any) -> dict[str, Any]:
    """Return one run as the history has it: inserted at 0, given 1 ms after it was asked for."""
    return {
        "id": number,
        "type": "system",
        "site": "default",
        "datasource": None,
        "schedule": None,
        "is_serial": False,
        "task": None,
        "priority": 50,
        "run_now": False,
        "created_at": at(number / 1000),
        "scheduled_at": None,
        "asked_at": at(asked),
        "started_at": at(asked + 0.001),
        "ended_at": at(ended),
        "backgrounder": f"n:{number}",
        "outcome": "succeeded",
        **values,
    }


def checked(*runs: dict[str, Any], limits: dict[str, int] | None = None) -> Finding:
    """Check some runs, all of them committed one second after the beginning."""
    enabled = {run["task"]: BEGAN for run in runs if run["task"] is not None}
    return check(runs, enabled=enabled, limits=limits or {}, committed=[at(1)])


def test_runs_in_order_are_fine() -> None:
    """Nothing is wrong, and the one that comes first came by its priority."""
    finding = checked(job(1, asked=2, ended=3, priority=9), job(2, asked=4, ended=5))

    assert finding.problems == ()
    assert finding.decided == {1: "priority", 2: "alone"}


def test_a_lesser_job_that_started_first_is_found() -> None:
    """Job 2 has priority 1 and was waiting when job 1 started."""
    finding = checked(job(1, asked=2, ended=3), job(2, asked=4, ended=5, priority=1))

    assert finding.problems == ("job 1 started before job 2, which comes first by priority",)


def test_a_job_that_nobody_could_see_yet_was_not_passed_over() -> None:
    """Job 2 was not known to be committed when job 1 was chosen."""
    finding = checked(job(1, asked=0.5, ended=3), job(2, asked=4, ended=5, priority=1))

    assert finding.problems == ()


def test_claims_that_overlap_are_in_either_order() -> None:
    """The claim of job 2 began before job 1 was given."""
    finding = checked(job(1, asked=2, ended=3), job(2, asked=2.0005, ended=5, priority=1))

    assert finding.problems == ()


def test_a_job_behind_a_full_gate_was_not_passed_over() -> None:
    """Job 2 waited for its datasource, which job 3 held."""
    finding = checked(
        job(3, asked=1.5, ended=3.5, datasource="sales", priority=1),
        job(1, asked=2, ended=3),
        job(2, asked=4, ended=5, datasource="sales", priority=2),
    )

    assert finding.problems == ()


def test_two_runs_on_one_datasource_are_found() -> None:
    """They overlap by a second."""
    finding = checked(
        job(1, asked=2, ended=4, datasource="sales"), job(2, asked=3, ended=5, datasource="sales")
    )

    assert finding.problems == ("jobs 1 and 2 ran at once on datasource sales",)


def test_two_runs_on_one_serial_schedule_are_found() -> None:
    """They overlap by a second."""
    finding = checked(
        job(1, asked=2, ended=4, schedule="night", is_serial=True),
        job(2, asked=3, ended=5, schedule="night", is_serial=True),
    )

    assert finding.problems == ("jobs 1 and 2 ran at once on serial schedule night",)


def test_a_site_above_its_limit_is_found() -> None:
    """The limit is one, and two run."""
    finding = checked(job(1, asked=2, ended=4), job(2, asked=3, ended=5), limits={"default": 1})

    assert finding.problems == ("job 2 started above the limit of site default",)


def test_run_time_is_the_mean_of_earlier_successes() -> None:
    """Within one batch and type the task that was faster before comes first."""
    before = [
        job(1, asked=1.1, ended=9, task=1, scheduled_at=at(-600)),
        job(2, asked=9.1, ended=9.2, task=2, scheduled_at=at(-600)),
    ]
    later = {"created_at": at(20), "scheduled_at": at(0)}
    runs = [
        *before,
        job(3, asked=30, ended=31, task=1, **later),
        job(4, asked=32, ended=33, task=2, **later),
    ]

    finding = check(runs, enabled={1: BEGAN, 2: BEGAN}, limits={}, committed=[at(1), at(21)])

    assert finding.problems == ("job 3 started before job 4, which comes first by run time",)
