"""The chance of a contract is over simulated runs jointly: one that is met by any run is met."""

from __future__ import annotations

from typing import Any

import pytest

from pgdispatch.forecast.run import MICROS, Run, SimulatedJob
from pgdispatch.forecast.sums.contracts import Judge

HOUR = 3600 * MICROS
DUE, CUT_OFF, UNTIL = 7 * HOUR, HOUR, 12 * HOUR


def done(began: float | None, ended: float | None, **said: Any) -> SimulatedJob:
    """Return a job of task 1, which refreshes sales of acme, with hours for instants."""
    at = None if began is None else int(began * HOUR)
    facts: dict[str, Any] = {
        "job": None, "task": 1, "scheduled_at": 2 * HOUR, "type": "full_extract", "site": "acme",
        "datasource": "sales", "schedule": "nightly", "linked_task": None, "created_at": 2 * HOUR,
        "started_at": at, "began_at": at, "ended_at": None if ended is None else int(ended * HOUR),
        "outcome": None if ended is None else "succeeded",
    }  # fmt: skip
    return SimulatedJob(**{**facts, **said})


def judged(*runs: list[SimulatedJob], until: int = UNTIL, **told: Any) -> dict[str, Any]:
    """Return what runs say of a contract of the datasource sales, due at seven."""
    part = told.pop("part", {})
    dues = [{"due": told.pop("due", DUE), "after": CUT_OFF, "parts": told.pop("parts", [part])}]
    contract = {"id": 5, "site": "acme", "datasource": "sales", "types": None, "dues": dues}
    judge = Judge([{**contract, **told}], until=until)
    for jobs in runs:
        judge.add(Run(0, UNTIL, jobs, []))
    (row,) = judge.result()
    return row


def test_several_schedules_meet_it_by_whichever_comes_first() -> None:
    """Each alone is late in half of the runs, and together never: chances are not multiplied."""
    early, late = {"task": 1}, {"task": 2, "scheduled_at": 3 * HOUR}

    row = judged(
        [done(2, 6, **early), done(3, 9, **late)], [done(2, 9, **early), done(3, 6.5, **late)]
    )

    assert (row["late"], row["runs"]) == (0, 2)
    assert (row["early"], row["latest"]) == (6 * HOUR, int(6.5 * HOUR))


def test_two_parts_are_both_needed_in_the_same_run() -> None:
    """Each is late in a third of the runs, but never together: late in two thirds."""
    runs = [
        [done(2, first, task=1), done(2, second, task=2)]
        for first, second in ((8, 6), (6, 8), (5, 6))
    ]

    row = judged(*runs, parts=[{"task": 1}, {"task": 2}])

    assert (row["late"], row["median"]) == (2, 8 * HOUR)
    assert (row["task"], row["decided"]) == (2, 2)


@pytest.mark.parametrize(
    "job",
    [
        done(0.9, 3),
        done(2, 3, outcome="failed"),
        done(2, 3, datasource="costs"),
        done(2, 3, site="globex"),
        done(2, None),
        done(None, None),
        done(2, 11.5, type="flow"),
    ],
)
def test_what_does_not_count_is_no_data(job: SimulatedJob) -> None:
    """Begun too early, failed, of something else, or not ended within the horizon."""
    row = judged([job], [job], types=["full_extract"])

    assert (row["late"], row["early"], row["median"], row["latest"]) == (2, None, None, None)
    assert row["beyond"] == UNTIL


def test_who_is_in_the_way_is_named_and_what_comes_later_is_cut() -> None:
    """A run that goes on beyond the horizon says no more than one that stops there."""
    row = judged([done(2, 11, job=42)], until=10 * HOUR)

    assert (row["late"], row["median"], row["job"], row["task"]) == (1, None, 42, 1)


def test_a_due_time_that_has_passed_has_no_chance_but_is_expected() -> None:
    """And one beyond the horizon is not spoken of at all."""
    row = judged([done(2, 3)], due=0)
    beyond = Judge([], until=UNTIL).result()

    assert (row["late"], row["median"], row["scheduled"]) == (None, 3 * HOUR, 2 * HOUR)
    assert beyond == []


def test_a_linked_task_is_met_by_a_whole_run() -> None:
    """Its begin is that of the first step, also of one that has ended; a half one is none."""
    step = {"linked_task": 9, "datasource": None, "type": "flow"}
    chain = {"linked_task": 9, "steps": [1, 2]}
    whole = [done(2, 3, **step), done(4, 5, task=2, created_at=3 * HOUR, **step)]

    rows = [
        judged(whole, part=chain),
        judged(whole[:1], part=chain),
        judged([done(4, 5, task=2, job=7, **step)], part={**chain, "began": 2 * HOUR}),
        judged([done(4, 5, task=2, job=7, **step)], part={**chain, "began": 0}),
    ]

    assert [row["late"] for row in rows] == [0, 1, 0, 1]
    assert rows[0]["median"] == 5 * HOUR
