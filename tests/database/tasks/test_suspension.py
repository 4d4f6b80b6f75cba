"""Five failures in a row suspend a task; a success, an edit, a republish or a resume ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.timetable import change, fail_often, is_suspended, run_job, set_to, skips
from support.sessions.verbs import Verbs

SUSPENDED = "select task, failures, job from pgdispatch.suspension"


@pytest.fixture
def task(verbs: Verbs) -> int:
    """Add a task on a schedule."""
    verbs.schedule("hourly")
    return verbs.task(schedule="hourly", datasource="sales")


def edit(verbs: Verbs, task: int) -> None:
    """Change a task."""
    change(verbs, "task", "id", task, title="better")


def republish(verbs: Verbs, task: int) -> None:
    """Publish the datasource of the task anew."""
    assert task
    verbs.run("select pgdispatch.republish('default', 'sales')")


def resume(verbs: Verbs, task: int) -> bool:
    """Lift the suspension."""
    return bool(verbs.value("select pgdispatch.resume(%s)", task))


def succeed(verbs: Verbs, task: int) -> None:
    """Let one job of it succeed."""
    run_job(verbs, task)


def test_fifth_failure_in_a_row_suspends_the_task(verbs: Verbs, task: int) -> None:
    """Not the fourth; one query names it, with the job that was too much."""
    fail_often(verbs, task, 4)
    assert not is_suspended(verbs, task)

    job = run_job(verbs, task, "fail")

    assert is_suspended(verbs, task)
    assert verbs.rows(SUSPENDED) == [{"task": task, "failures": 5, "job": job}]


def test_occurrences_of_a_suspended_task_are_recorded_as_skipped(verbs: Verbs, task: int) -> None:
    """No job is created for it, and other tasks of the schedule run."""
    other = verbs.task(schedule="hourly")
    fail_often(verbs, task, 5)

    assert verbs.fire("hourly", NOON) == 1
    assert skips(verbs, task) == ["suspended"]
    assert skips(verbs, other) == [None]


def test_timeouts_and_kills_count(verbs: Verbs, task: int) -> None:
    """As any failure."""
    for failed_as in ("timed out", "killed", "error", "timed out", "killed"):
        job = verbs.run_now(task)
        verbs.claim()
        verbs.fail(job, failed_as=failed_as)

    assert is_suspended(verbs, task)


def test_cancellations_and_losses_neither_count_nor_end_a_streak(verbs: Verbs, task: int) -> None:
    """Between four failures and the fifth."""
    set_to(verbs, "max_losses", 1)
    fail_often(verbs, task, 4)
    for _ in range(3):
        verbs.cancel(verbs.run_now(task))
        verbs.run_now(task)
        verbs.claim("etl:1")
        verbs.run("select pgdispatch.declare_lost('etl')")
    assert not is_suspended(verbs, task)

    fail_often(verbs, task, 1)

    assert verbs.rows("select failures from pgdispatch.suspension") == [{"failures": 5}]


def test_attempts_that_are_tried_again_do_not_count(verbs: Verbs, clock: Clock, task: int) -> None:
    """A job fails once, with its last attempt."""
    change(verbs, "task", "id", task, max_attempts=3)
    set_to(verbs, "suspend_after_failures", 2)
    clock.advance(1)
    job = verbs.run_now(task)
    for _ in range(3):
        clock.advance(120)
        verbs.claim()
        verbs.fail(job)

    assert verbs.state(job) == "failed"
    assert not is_suspended(verbs, task)


@pytest.mark.parametrize("act", [edit, republish, resume, succeed])
def test_streak_begins_anew(verbs: Verbs, task: int, act: Callable[[Verbs, int], object]) -> None:
    """After four failures it takes five more."""
    fail_often(verbs, task, 4)
    act(verbs, task)
    fail_often(verbs, task, 4)
    assert not is_suspended(verbs, task)

    fail_often(verbs, task, 1)

    assert is_suspended(verbs, task)


@pytest.mark.parametrize("act", [edit, republish, resume, succeed])
def test_suspension_is_lifted(verbs: Verbs, task: int, act: Callable[[Verbs, int], object]) -> None:
    """And the task runs at the next time; one more failure does not suspend it again."""
    fail_often(verbs, task, 5)
    verbs.fire("hourly", NOON)

    act(verbs, task)

    assert not is_suspended(verbs, task)
    assert verbs.fire("hourly", NOON + timedelta(hours=1)) == 1
    verbs.fail(verbs.claim() or 0)
    assert not is_suspended(verbs, task)
    assert skips(verbs, task) == ["suspended", None]


def test_resume_says_whether_the_task_was_suspended(verbs: Verbs, task: int) -> None:
    """It does no harm if it was not."""
    assert resume(verbs, task) is False
    fail_often(verbs, task, 5)

    assert resume(verbs, task) is True


def test_resume_of_an_unknown_task_is_refused(verbs: Verbs) -> None:
    """SQLSTATE JD002."""
    with pytest.raises(psycopg.Error, match="task 4711 does not exist") as refused:
        resume(verbs, 4711)

    assert refused.value.sqlstate == "JD002"


def test_run_now_of_a_suspended_task_is_allowed_and_keeps_it_suspended_if_it_fails(
    verbs: Verbs, task: int
) -> None:
    """People try whether it works again."""
    fail_often(verbs, task, 5)

    fail_often(verbs, task, 1)

    assert is_suspended(verbs, task)


def test_job_that_waits_when_its_task_is_suspended_still_runs(verbs: Verbs, task: int) -> None:
    """Checked when a job is created (semantics 5.7)."""
    fail_often(verbs, task, 4)
    verbs.fire("hourly", NOON)
    failing = verbs.claim("n:1")
    verbs.fire("hourly", NOON + timedelta(hours=1))
    verbs.fail(failing or 0)
    assert is_suspended(verbs, task)

    assert len(verbs.drain()) == 1
    assert not is_suspended(verbs, task)


def test_threshold_is_a_setting(verbs: Verbs, task: int) -> None:
    """It counts from the next failure on."""
    fail_often(verbs, task, 3)
    set_to(verbs, "suspend_after_failures", 2)
    assert not is_suspended(verbs, task)

    fail_often(verbs, task, 1)

    assert verbs.rows("select failures from pgdispatch.suspension") == [{"failures": 4}]


def test_minus_one_suspends_never(verbs: Verbs, task: int) -> None:
    """However often it fails."""
    set_to(verbs, "suspend_after_failures", -1)
    fail_often(verbs, task, 8)

    assert not is_suspended(verbs, task)


@pytest.mark.parametrize("value", ["0", "-2", "often", ""])
def test_wrong_threshold_is_refused(verbs: Verbs, value: str) -> None:
    """SQLSTATE JD001."""
    with pytest.raises(psycopg.Error) as refused:
        set_to(verbs, "suspend_after_failures", value)

    assert refused.value.sqlstate == "JD001"


def test_deleted_task_is_not_among_the_suspended(verbs: Verbs, task: int) -> None:
    """Its history stays."""
    fail_often(verbs, task, 5)

    verbs.run("delete from pgdispatch.task")

    assert verbs.rows(SUSPENDED) == []
    assert verbs.value("select count(*) from pgdispatch.job_history where task = %s", task) == 5


def test_failures_of_one_off_jobs_suspend_nobody(verbs: Verbs) -> None:
    """They have no task."""
    for _ in range(6):
        job = verbs.job()
        verbs.claim()
        verbs.fail(job)

    assert verbs.rows(SUSPENDED) == []
