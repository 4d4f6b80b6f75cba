"""Run Now and schedules beside each other: one job, whoever asks."""

from __future__ import annotations

import pytest

from support.sessions.clock import NOON
from support.sessions.ring import Ring
from support.sessions.verbs import Verbs

END = ["commit", "rollback"]


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


@pytest.mark.parametrize("end", END)
def test_second_run_now_waits_for_the_first(ring: Ring, verbs: Verbs, end: str) -> None:
    """Then it is refused naming that job, or it is the first."""
    task = verbs.task()
    ahead, behind = ring.session(begin=True), ring.session()
    job = ahead.verbs.run_now(task)
    waiting = ring.start_waiting(behind, lambda v: v.run_now(task))

    getattr(ahead, end)()

    if end == "commit":
        assert f"already has job {job}" in str(waiting.exception())
    else:
        assert waiting.result() > job
    assert verbs.value("select count(*) from pgdispatch.job") == 1


@pytest.mark.parametrize("end", END)
def test_second_fire_of_one_time_waits_for_the_first(ring: Ring, verbs: Verbs, end: str) -> None:
    """Whichever creates the jobs, there is one for each task."""
    verbs.schedule("hourly")
    for _ in range(3):
        verbs.task(schedule="hourly")
    ahead, behind = ring.session(begin=True), ring.session()
    ahead.verbs.fire("hourly", NOON)
    waiting = ring.start_waiting(behind, lambda v: v.fire("hourly", NOON))

    getattr(ahead, end)()

    assert waiting.result() == (0 if end == "commit" else 3)
    assert verbs.value("select count(*) from pgdispatch.job") == 3


@pytest.mark.parametrize("end", END)
def test_fire_skips_a_task_that_somebody_is_starting(ring: Ring, verbs: Verbs, end: str) -> None:
    """The clock waits for no person, and the task gets no second job, whatever becomes of it."""
    verbs.schedule("hourly")
    task = verbs.task(schedule="hourly")
    ahead = ring.session(begin=True)
    ahead.verbs.run_now(task)

    assert verbs.fire("hourly", NOON) == 0

    getattr(ahead, end)()
    assert verbs.values("select skipped_for from pgdispatch.occurrence") == ["waiting"]
    assert verbs.value("select count(*) from pgdispatch.job") == (1 if end == "commit" else 0)


@pytest.mark.parametrize("end", END)
@pytest.mark.parametrize("has_task", [True, False])
def test_second_retry_waits_for_the_first(
    ring: Ring, verbs: Verbs, has_task: bool, end: str
) -> None:
    """Then it is refused naming the retry, or it is the first."""
    job = verbs.run_now(verbs.task()) if has_task else verbs.job()
    verbs.claim()
    verbs.fail(job)
    query = "select pgdispatch.retry_job(%s)"
    ahead, behind = ring.session(begin=True), ring.session()
    again = ahead.verbs.value(query, job)
    waiting = ring.start_waiting(behind, lambda v: v.value(query, job))

    getattr(ahead, end)()

    if end == "commit":
        assert f"job {job} was retried as job {again}" in str(waiting.exception())
    else:
        assert waiting.result() > again
    assert verbs.value("select count(*) from pgdispatch.job") == 1
