"""Linked tasks: what they are made of, when they run, and with what priority."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.timetable import change, linked_task, run_clock, run_linked
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True

RUNS = "select scheduled_at, skipped_for from pgdispatch.linked_run order by id"


@pytest.fixture
def flows(verbs: Verbs, clock: Clock) -> list[int]:
    """Add an hourly schedule of priority 20 and three flows without a schedule."""
    assert clock.now == NOON
    verbs.schedule("hourly", recurrence="every 1 hour from 00:00 to 23:59", priority=20)
    return [verbs.task("flow", priority=70 + n) for n in range(3)]


def test_schedule_starts_the_first_step_alone(verbs: Verbs, clock: Clock, flows: list[int]) -> None:
    """For its time, on the schedule's behalf."""
    linked_task(verbs, *flows, schedule="hourly")
    clock.advance(3600)

    assert run_clock(verbs) == 1
    job = verbs.row("select task, step, scheduled_at, created_by, run_now from pgdispatch.job")
    assert job == {
        "task": flows[0], "step": 1, "scheduled_at": NOON + timedelta(hours=1),
        "created_by": "schedule hourly", "run_now": False,
    }  # fmt: skip


@pytest.mark.parametrize(("own", "expected"), [(None, 20), (33, 33)])
def test_all_steps_take_the_priority_of_the_linked_task(
    verbs: Verbs, flows: list[int], own: int | None, expected: int
) -> None:
    """Its own, else that of its schedule when it was created; never those of the flows."""
    linked = linked_task(verbs, *flows, schedule="hourly", priority=own)
    change(verbs, "schedule", "name", "hourly", priority=5)

    run_linked(verbs, linked)
    steps = verbs.drain()

    assert [verbs.past(job)["priority"] for job in steps] == [expected] * 3
    assert [verbs.past(job)["task"] for job in steps] == flows
    assert [verbs.past(job)["step"] for job in steps] == [1, 2, 3]


def test_later_change_of_its_priority_counts_for_the_steps_to_come(
    verbs: Verbs, flows: list[int]
) -> None:
    """A job keeps the priority that it was created with."""
    linked = linked_task(verbs, *flows, schedule="hourly")
    run_linked(verbs, linked)
    change(verbs, "linked_task", "id", linked, priority=90)

    assert [verbs.past(job)["priority"] for job in verbs.drain()] == [20, 90, 90]


def test_linked_task_without_schedule_and_priority_has_priority_0(
    verbs: Verbs, flows: list[int]
) -> None:
    """As a flow without one (semantics 3.5)."""
    run_linked(verbs, linked_task(verbs, *flows))

    assert verbs.values("select priority from pgdispatch.job") == [0]


def test_other_jobs_run_between_two_steps(verbs: Verbs, flows: list[int]) -> None:
    """The next step enters the queue when the one before has ended (semantics 4)."""
    first = run_linked(verbs, linked_task(verbs, *flows[:2], priority=50))
    other = verbs.job(priority=50)
    started = verbs.drain()

    assert started[:2] == [first, other]
    assert verbs.past(started[2])["step"] == 2


def test_steps_run_in_the_order_of_their_numbers(verbs: Verbs, flows: list[int]) -> None:
    """Gaps are allowed, and the order in which they were added does not matter."""
    linked = linked_task(verbs)
    for step, task in ((30, flows[0]), (10, flows[1]), (20, flows[2])):
        verbs.add("linked_task_step", "step", linked_task=linked, step=step, task=task)
    run_linked(verbs, linked)

    assert [verbs.past(job)["task"] for job in verbs.drain()] == [flows[1], flows[2], flows[0]]


@pytest.mark.parametrize(
    "acts", [(), ("claim",), ("claim", "finish"), ("claim", "finish", "claim")]
)
def test_run_is_skipped_while_the_one_before_has_not_ended(
    verbs: Verbs, clock: Clock, flows: list[int], acts: tuple[str, ...]
) -> None:
    """Whichever of its steps waits or runs."""
    linked_task(verbs, *flows[:2], schedule="hourly")
    clock.advance(3600)
    run_clock(verbs)
    for act in acts:
        if act == "claim":
            verbs.claim()
        else:
            verbs.finish(verbs.value("select id from pgdispatch.job"))
    clock.advance(3600)

    assert run_clock(verbs) == 0
    assert verbs.rows(RUNS) == [
        {"scheduled_at": NOON + timedelta(hours=n), "skipped_for": reason}
        for n, reason in ((1, None), (2, "waiting"))
    ]


def test_scheduled_time_of_a_linked_task_is_run_once(verbs: Verbs, flows: list[int]) -> None:
    """Even after its run has ended."""
    linked_task(verbs, *flows, schedule="hourly")
    assert verbs.fire("hourly", NOON) == 1
    verbs.drain()

    assert verbs.fire("hourly", NOON) == 0


@pytest.mark.parametrize(("switch", "made"), [(True, 1), (False, 0)])
def test_disabled_linked_task_is_left_out(
    verbs: Verbs, flows: list[int], switch: bool, made: int
) -> None:
    """Without a trace."""
    linked_task(verbs, *flows, schedule="hourly", enabled=switch)

    assert verbs.fire("hourly", NOON) == made
    assert verbs.value("select count(*) from pgdispatch.linked_run") == made


def test_run_now_is_told_apart_and_names_who_asked(verbs: Verbs, flows: list[int]) -> None:
    """On every step; flows are not put before other jobs (semantics 3.4)."""
    urgent = verbs.job(priority=1)
    run_linked(verbs, linked_task(verbs, *flows[:2], priority=50))
    started = verbs.drain()

    assert started[0] == urgent
    past = [verbs.past(job) for job in started[1:]]
    assert [(row["run_now"], row["created_by"]) for row in past] == [(True, "tester")] * 2


@pytest.mark.parametrize("ended", [0, 1])
def test_second_run_now_is_refused_naming_the_job(
    verbs: Verbs, flows: list[int], ended: int
) -> None:
    """SQLSTATE JD005, at whichever step the run is."""
    linked = linked_task(verbs, *flows[:2])
    run_linked(verbs, linked)
    for _ in range(ended):
        verbs.finish(verbs.claim() or 0)
    job = verbs.value("select id from pgdispatch.job")

    with pytest.raises(psycopg.Error, match=f"linked task {linked} already has job {job}") as no:
        run_linked(verbs, linked)

    assert no.value.sqlstate == "JD005"


@pytest.mark.parametrize(
    ("break_it", "state"),
    [
        ("delete from pgdispatch.linked_task_step", "JD001"),
        ("update pgdispatch.task set enabled = false", "JD001"),
        ("update pgdispatch.site set run_now_enabled = false", "JD006"),
        ("delete from pgdispatch.linked_task", "JD002"),
    ],
)
def test_run_now_that_cannot_be_is_refused(
    verbs: Verbs, flows: list[int], break_it: str, state: str
) -> None:
    """And leaves no run behind."""
    linked = linked_task(verbs, *flows)
    verbs.run(break_it)

    with pytest.raises(psycopg.Error) as refused:
        run_linked(verbs, linked)

    assert refused.value.sqlstate == state
    assert verbs.rows(RUNS) == []


@pytest.mark.parametrize("type_", ["full_extract", "subscription"])
def test_step_that_is_no_flow_is_refused(verbs: Verbs, type_: str) -> None:
    """SQLSTATE JD001."""
    with pytest.raises(psycopg.Error, match=f"is of type {type_}") as refused:
        linked_task(verbs, verbs.task(type_))

    assert refused.value.sqlstate == "JD001"


def test_step_of_another_site_is_refused(verbs: Verbs, flows: list[int]) -> None:
    """SQLSTATE JD001; neither can a step's flow move there later."""
    verbs.site("acme")
    with pytest.raises(psycopg.Error, match="the linked task of site acme"):
        linked_task(verbs, flows[0], site="acme")
    linked_task(verbs, flows[0])

    with pytest.raises(psycopg.Error, match="is a step of a linked task") as refused:
        change(verbs, "task", "id", flows[0], site="acme")

    assert refused.value.sqlstate == "JD001"


def test_serial_schedule_is_refused_for_linked_tasks(verbs: Verbs, flows: list[int]) -> None:
    """In both directions (semantics 6)."""
    verbs.schedule("serial", "serial")
    with pytest.raises(psycopg.Error, match="schedule serial is serial"):
        linked_task(verbs, *flows, schedule="serial")
    linked = linked_task(verbs, *flows, schedule="hourly")
    with pytest.raises(psycopg.Error, match="cannot be serial"):
        verbs.execution("hourly", "serial")

    change(verbs, "linked_task", "id", linked, schedule=None)
    verbs.execution("hourly", "serial")


@pytest.mark.parametrize("columns", [{"priority": 0}, {"priority": 101}, {"site": "nowhere"},
                                     {"schedule": "never"}, {"title": ""}])  # fmt: skip
def test_wrong_linked_task_is_refused(verbs: Verbs, columns: dict[str, Any]) -> None:
    """With a hint, or by a constraint."""
    with pytest.raises(psycopg.Error):
        linked_task(verbs, **columns)
