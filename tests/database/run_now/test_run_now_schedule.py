"""Run Now of a whole schedule: all its enabled tasks, in order, and why one is passed over."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.timetable import change, fail_often, linked_task, run_job
from support.sessions.verbs import Verbs


def start(verbs: Verbs, schedule: str = "hourly") -> list[dict[str, Any]]:
    """Start a schedule by hand and return what it says."""
    return verbs.rows("select * from pgdispatch.run_now_schedule(%s, 'tester')", schedule)


def test_all_enabled_tasks_are_started_by_hand(verbs: Verbs) -> None:
    """Before all other jobs, whoever asked is named on each, and no scheduled time is used up."""
    verbs.schedule("hourly")
    tasks = [verbs.task(schedule="hourly") for _ in range(3)]
    verbs.task(schedule="hourly", enabled=False)
    verbs.task()
    urgent = verbs.job(priority=1)

    said = start(verbs)

    assert [row["task"] for row in said] == tasks
    assert {row["refused"] for row in said} == {None}
    jobs = [row["job"] for row in said]
    assert verbs.drain() == [*jobs, urgent]
    past = [verbs.past(job) for job in jobs]
    assert [(row["priority"], row["run_now"], row["created_by"]) for row in past] == [
        (0, True, "tester")
    ] * 3
    assert verbs.fire("hourly", NOON) == 3


def test_types_and_run_times_decide_the_order(verbs: Verbs, clock: Clock) -> None:
    """Fast types first; within a type the shorter, then those without history, then the older."""
    verbs.schedule("hourly")
    tasks = {}
    for name, type_ in (
        ("full", "full_extract"), ("long", "alert"), ("short", "alert"), ("new", "alert"),
    ):  # fmt: skip
        tasks[name] = verbs.task(type_, schedule="hourly")
        clock.advance(1)
    for name, seconds in (("long", 60), ("short", 5)):
        job = verbs.run_now(tasks[name])
        verbs.claim()
        clock.advance(seconds)
        verbs.finish(job)
    change(verbs, "task", "id", tasks["new"], enabled=True)

    assert [row["task"] for row in start(verbs)] == [
        tasks[name] for name in ("short", "long", "new", "full")
    ]


def test_own_priorities_of_the_tasks_come_first(verbs: Verbs) -> None:
    """They are told and started as the schedule itself would run them."""
    verbs.schedule("hourly", priority=30)
    tasks = [verbs.task(schedule="hourly", priority=priority) for priority in (60, 1, None)]
    alert = verbs.task("alert", schedule="hourly")

    said = start(verbs)

    assert [row["task"] for row in said] == [tasks[1], alert, tasks[2], tasks[0]]
    assert verbs.drain() == [row["job"] for row in said]


def test_flows_of_a_schedule_keep_their_priority(verbs: Verbs) -> None:
    """They come after all Run Now jobs (semantics 3.4)."""
    verbs.schedule("hourly", priority=30)
    flow = verbs.task("flow", schedule="hourly", priority=3)
    extract = verbs.task("full_extract", schedule="hourly", priority=90)
    urgent = verbs.job(priority=2)

    jobs = {row["task"]: row["job"] for row in start(verbs)}

    assert verbs.drain() == [jobs[extract], urgent, jobs[flow]]


@pytest.mark.parametrize("is_running", [True, False])
def test_task_with_a_job_is_passed_over_naming_it(verbs: Verbs, is_running: bool) -> None:
    """The others are started all the same."""
    verbs.schedule("hourly")
    busy, free = (verbs.task(schedule="hourly") for _ in range(2))
    job = verbs.run_now(busy)
    if is_running:
        verbs.claim()

    said = {row["task"]: row["refused"] for row in start(verbs)}

    assert said == {busy: f"has job {job}", free: None}


def test_suspended_task_is_passed_over(verbs: Verbs) -> None:
    """It can be started by itself only."""
    verbs.schedule("hourly")
    task = verbs.task(schedule="hourly")
    fail_often(verbs, task, 5)

    assert [row["refused"] for row in start(verbs)] == ["suspended"]
    run_job(verbs, task)
    assert [row["refused"] for row in start(verbs)] == [None]


def test_task_of_a_site_that_forbids_run_now_is_passed_over(verbs: Verbs) -> None:
    """Each site decides for itself."""
    verbs.schedule("hourly")
    verbs.site("acme", run_now_enabled=False)
    verbs.task(schedule="hourly", site="acme")
    verbs.task(schedule="hourly")

    assert [row["refused"] for row in start(verbs)] == ["site acme does not allow Run Now", None]


def test_linked_tasks_of_the_schedule_are_started_too(verbs: Verbs) -> None:
    """Their first steps; a second time they are passed over, naming the job."""
    verbs.schedule("hourly")
    flow = verbs.task("flow")
    linked = linked_task(verbs, flow, schedule="hourly")
    linked_task(verbs, flow, schedule="hourly", enabled=False)

    first, second = start(verbs), start(verbs)

    job = verbs.value("select id from pgdispatch.job")
    assert first == [{"task": None, "linked_task": linked, "job": job, "refused": None}]
    assert second == [
        {"task": None, "linked_task": linked, "job": None, "refused": f"has job {job}"}
    ]
    assert verbs.column(job, "created_by") == "tester"


def test_linked_tasks_start_in_the_order_of_their_priority(verbs: Verbs) -> None:
    """One whose priority was taken away is started first, as its steps have priority 0."""
    verbs.schedule("hourly")
    flows = [verbs.task("flow") for _ in range(3)]
    late, early, none = [linked_task(verbs, flow, schedule="hourly") for flow in flows]
    change(verbs, "linked_task", "id", late, priority=60)
    change(verbs, "linked_task", "id", none, priority=None)

    said = start(verbs)

    assert [row["linked_task"] for row in said] == [none, early, late]
    assert verbs.drain() == [row["job"] for row in said]


def test_linked_task_without_a_step_that_can_run_is_passed_over(verbs: Verbs) -> None:
    """And says so."""
    verbs.schedule("hourly")
    linked_task(verbs, schedule="hourly")

    assert [row["refused"] for row in start(verbs)] == ["no step can run"]


def test_disabled_schedule_can_be_started_by_hand(verbs: Verbs) -> None:
    """Disabled means that the clock leaves it alone."""
    verbs.schedule("hourly", enabled=False)
    verbs.task(schedule="hourly")

    assert len(verbs.drain()) == 0
    assert [row["refused"] for row in start(verbs)] == [None]


def test_jobs_of_a_serial_schedule_run_one_at_a_time(verbs: Verbs) -> None:
    """Run Now changes the order, never eligibility."""
    verbs.schedule("hourly", "serial")
    for _ in range(2):
        verbs.task(schedule="hourly")
    first, _ = start(verbs)

    assert [verbs.claim("n:1"), verbs.claim("n:2")] == [first["job"], None]


def test_unknown_schedule_is_refused(verbs: Verbs) -> None:
    """SQLSTATE JD002."""
    with pytest.raises(psycopg.Error, match="schedule 'never' does not exist") as refused:
        start(verbs, "never")

    assert refused.value.sqlstate == "JD002"
