"""The end of a step: the next one, or the end of the run."""

from __future__ import annotations

import pytest

from support.sessions.clock import Clock
from support.sessions.timetable import change, fail_often, linked_task, run_linked, set_to
from support.sessions.verbs import Verbs


@pytest.fixture
def flows(verbs: Verbs) -> list[int]:
    """Add three flows."""
    return [verbs.task("flow") for _ in range(3)]


def steps(verbs: Verbs) -> list[tuple[int, str]]:
    """Return the steps of all runs that have ended, with their outcomes, in order."""
    rows = verbs.rows("select step, outcome from pgdispatch.job_history order by id")
    return [(row["step"], row["outcome"]) for row in rows]


def go_on(verbs: Verbs, stop: bool, linked: int) -> None:
    """Say whether a failed step stops the run."""
    change(verbs, "linked_task_step", "linked_task", linked, stop_on_failure=stop)


@pytest.mark.parametrize("stop", [True, False])
@pytest.mark.parametrize("failed_as", ["error", "timed out", "killed"])
def test_failed_step_stops_the_run_unless_it_says_otherwise(
    verbs: Verbs, flows: list[int], stop: bool, failed_as: str
) -> None:
    """A timeout is a failure."""
    linked = linked_task(verbs, *flows[:2])
    go_on(verbs, stop, linked)
    run_linked(verbs, linked)

    verbs.fail(verbs.claim() or 0, failed_as=failed_as)
    verbs.drain()

    assert steps(verbs) == [(1, "failed")] + ([] if stop else [(2, "succeeded")])


@pytest.mark.parametrize("is_running", [True, False])
def test_cancelled_step_ends_the_run(verbs: Verbs, flows: list[int], is_running: bool) -> None:
    """Whatever stop_on_failure says."""
    linked = linked_task(verbs, *flows)
    go_on(verbs, False, linked)
    job = run_linked(verbs, linked)
    if is_running:
        verbs.claim()
    verbs.cancel(job)
    if is_running:
        verbs.fail(job)

    assert verbs.drain() == []
    assert steps(verbs) == [(1, "cancelled")]
    assert run_linked(verbs, linked) > job


def test_step_that_is_tried_again_starts_the_next_one_only_at_its_end(
    verbs: Verbs, clock: Clock, flows: list[int]
) -> None:
    """A retry is no end."""
    change(verbs, "task", "id", flows[0], max_attempts=2)
    job = run_linked(verbs, linked_task(verbs, *flows[:2]))
    verbs.claim()
    verbs.fail(job)
    assert verbs.values("select step from pgdispatch.job") == [1]
    clock.advance(60)

    assert verbs.claim() == job
    verbs.finish(job)
    assert verbs.values("select step from pgdispatch.job") == [2]


def test_lost_step_goes_back_and_is_not_doubled(verbs: Verbs, flows: list[int]) -> None:
    """The next one comes when it has ended."""
    job = run_linked(verbs, linked_task(verbs, *flows[:2]))
    verbs.claim("etl:1")
    verbs.run("select pgdispatch.declare_lost('etl')")

    assert verbs.values("select id from pgdispatch.job") == [job]
    assert len(verbs.drain()) == 2


@pytest.mark.parametrize("stop", [True, False])
def test_step_that_was_lost_too_often_has_failed(
    verbs: Verbs, flows: list[int], stop: bool
) -> None:
    """It stops the run or not as any failure does."""
    set_to(verbs, "max_losses", 1)
    linked = linked_task(verbs, *flows[:2])
    go_on(verbs, stop, linked)
    run_linked(verbs, linked)
    verbs.claim("etl:1")

    verbs.run("select pgdispatch.declare_lost('etl')")

    assert verbs.values("select step from pgdispatch.job") == ([] if stop else [2])


@pytest.mark.parametrize("stop", [True, False])
@pytest.mark.parametrize("how", ["disabled", "suspended"])
def test_step_that_cannot_run_counts_as_failed(
    verbs: Verbs, flows: list[int], stop: bool, how: str
) -> None:
    """It ends the run or is passed over, as its stop_on_failure says."""
    linked = linked_task(verbs, *flows)
    go_on(verbs, stop, linked)
    if how == "disabled":
        change(verbs, "task", "id", flows[1], enabled=False)
    else:
        fail_often(verbs, flows[1], 5)
        verbs.run("truncate pgdispatch.job_history")
    run_linked(verbs, linked)
    verbs.drain()

    assert steps(verbs) == [(1, "succeeded")] + ([] if stop else [(3, "succeeded")])


@pytest.mark.parametrize("stop", [True, False])
def test_run_whose_first_step_cannot_run_begins_after_it_or_is_skipped(
    verbs: Verbs, clock: Clock, flows: list[int], stop: bool
) -> None:
    """And the time is recorded either way."""
    verbs.schedule("hourly")
    linked = linked_task(verbs, *flows, schedule="hourly")
    go_on(verbs, stop, linked)
    change(verbs, "task", "id", flows[0], enabled=False)

    assert verbs.fire("hourly", clock.now) == (0 if stop else 1)
    assert verbs.values("select step from pgdispatch.job") == ([] if stop else [2])
    skipped = verbs.values("select skipped_for from pgdispatch.linked_run")
    assert skipped == (["suspended"] if stop else [None])


def test_steps_that_are_edited_during_a_run_count_as_they_are_then(
    verbs: Verbs, flows: list[int]
) -> None:
    """A step that is taken out is not run, a new one is."""
    linked = linked_task(verbs, *flows[:2])
    run_linked(verbs, linked)
    verbs.claim()
    verbs.run("delete from pgdispatch.linked_task_step where step = 2")
    verbs.add("linked_task_step", "step", linked_task=linked, step=7, task=flows[2])
    verbs.finish(verbs.value("select id from pgdispatch.job"))
    verbs.drain()

    assert steps(verbs) == [(1, "succeeded"), (7, "succeeded")]


def test_run_of_a_deleted_linked_task_ends_with_its_step(verbs: Verbs, flows: list[int]) -> None:
    """The job still ends, and nothing comes after it."""
    job = run_linked(verbs, linked_task(verbs, *flows))
    verbs.claim()
    verbs.run("delete from pgdispatch.linked_task")

    verbs.finish(job)

    assert verbs.state(job) == "succeeded"
    assert verbs.drain() == []


def test_failures_of_steps_suspend_their_flow(verbs: Verbs, flows: list[int]) -> None:
    """And then the linked task cannot run it."""
    linked = linked_task(verbs, flows[0])
    for _ in range(5):
        job = run_linked(verbs, linked)
        verbs.claim()
        verbs.fail(job)

    assert verbs.values("select task from pgdispatch.suspension") == [flows[0]]


def test_last_step_leaves_nothing_behind(verbs: Verbs, flows: list[int]) -> None:
    """The run can be told in one query from the history."""
    linked = linked_task(verbs, *flows)
    run_linked(verbs, linked)
    verbs.drain()

    assert verbs.values("select count(*) from pgdispatch.job") == [0]
    told = verbs.rows(
        "select h.step, h.task, h.outcome from pgdispatch.linked_run as r "
        "join pgdispatch.job_history as h on h.linked_run = r.id "
        "where r.linked_task = %s order by h.step",
        linked,
    )
    assert [(row["step"], row["task"], row["outcome"]) for row in told] == [
        (step, task, "succeeded") for step, task in enumerate(flows, 1)
    ]
