"""The last failure of a row beside a resume, an edit, a fire, a success, and people who think."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.sessions.clock import NOON
from support.sessions.ring import Ring
from support.sessions.timetable import change, fail_often, is_suspended, run_job, skips
from support.sessions.verbs import Verbs


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


@pytest.fixture
def task(verbs: Verbs) -> int:
    """Add a task that has failed four times in a row."""
    verbs.schedule("hourly")
    made = verbs.task(schedule="hourly", datasource="sales")
    fail_often(verbs, made, 4)
    return made


def resume(verbs: Verbs, task: int) -> None:
    """Lift the suspension."""
    verbs.run("select pgdispatch.resume(%s)", task)


def edit(verbs: Verbs, task: int) -> None:
    """Change the task."""
    change(verbs, "task", "id", task, title="better")


def republish(verbs: Verbs, task: int) -> None:
    """Publish its datasource anew."""
    assert task
    verbs.run("select pgdispatch.republish('default', 'sales')")


ACTS = [resume, edit, republish]


def start(verbs: Verbs, task: int) -> int:
    """Start the task by hand and let its job run."""
    job = verbs.run_now(task)
    verbs.claim("n:1")
    return job


@pytest.mark.parametrize("act", ACTS)
def test_resume_beside_the_last_failure_leaves_the_task_running(
    ring: Ring, verbs: Verbs, task: int, act: Callable[[Verbs, int], None]
) -> None:
    """Whoever comes first in the end: none of the failures counts after it."""
    job = start(verbs, task)
    failing = ring.session(begin=True)
    failing.verbs.fail(job)
    act(verbs, task)
    failing.commit()

    assert not is_suspended(verbs, task)
    assert verbs.fire("hourly", NOON) == 1


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_last_failure_does_not_wait_for_a_person_who_resumes(
    ring: Ring, verbs: Verbs, task: int, act: Callable[[Verbs, int], None], end: str
) -> None:
    """What is not committed does not count."""
    job = start(verbs, task)
    person = ring.session(begin=True)
    act(person.verbs, task)

    verbs.fail(job)
    getattr(person, end)()

    assert is_suspended(verbs, task) == (end == "rollback")


def test_task_resumed_beside_a_failure_can_be_suspended_again(
    ring: Ring, verbs: Verbs, task: int
) -> None:
    """What the race left behind is in nobody's way."""
    job = start(verbs, task)
    failing = ring.session(begin=True)
    failing.verbs.fail(job)
    resume(verbs, task)
    failing.commit()
    fail_often(verbs, task, 4)
    assert not is_suspended(verbs, task)

    fail_often(verbs, task, 1)

    assert is_suspended(verbs, task)


def test_success_beside_a_resume_waits_for_nobody(ring: Ring, verbs: Verbs, task: int) -> None:
    """Both lift it."""
    fail_often(verbs, task, 1)
    job = start(verbs, task)
    person = ring.session(begin=True)
    resume(person.verbs, task)

    verbs.finish(job)
    person.commit()

    assert not is_suspended(verbs, task)


def test_resume_waits_for_a_success_that_lifts_it(ring: Ring, verbs: Verbs, task: int) -> None:
    """And finds nothing to do."""
    fail_often(verbs, task, 1)
    job = start(verbs, task)
    finishing, person = ring.session(begin=True), ring.session()
    finishing.verbs.finish(job)
    waiting = ring.start_waiting(person, lambda v: resume(v, task))

    finishing.commit()
    waiting.result()

    assert not is_suspended(verbs, task)


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_fire_beside_the_last_failure_sees_what_is_committed(
    ring: Ring, verbs: Verbs, task: int, end: str
) -> None:
    """It runs the task once more, and leaves it out from then on."""
    job = start(verbs, task)
    failing = ring.session(begin=True)
    failing.verbs.fail(job)
    assert verbs.fire("hourly", NOON) == 1

    getattr(failing, end)()

    assert skips(verbs, task) == [None]
    assert is_suspended(verbs, task) == (end == "commit")


def test_two_last_failures_at_once_wait_for_nobody(ring: Ring, verbs: Verbs) -> None:
    """Two jobs of one task may run at once; the next failure at the latest suspends it."""
    verbs.schedule("hourly")
    task = verbs.task(schedule="hourly")
    fail_often(verbs, task, 4)
    jobs = [start(verbs, task)]
    verbs.fire("hourly", NOON)
    jobs.append(verbs.claim("n:2") or 0)
    first, second = ring.session(begin=True), ring.session()
    first.verbs.fail(jobs[0])
    second.verbs.fail(jobs[1])

    first.commit()

    assert verbs.value("select failures from pgdispatch.suspension") >= 5
    assert run_job(verbs, task)


@pytest.mark.parametrize("is_first", [True, False])
def test_deleted_task_is_not_suspended_by_its_last_job(
    ring: Ring, verbs: Verbs, task: int, is_first: bool
) -> None:
    """It ends as failed all the same, and nobody finds a task that is not there."""
    job = start(verbs, task)
    failing, deleting = ring.session(begin=True), ring.session(begin=True)
    if is_first:
        failing.verbs.fail(job)
    deleting.verbs.run("delete from pgdispatch.task where id = %s", task)
    if not is_first:
        failing.verbs.fail(job)
    for session in (failing, deleting):
        session.commit()

    assert verbs.state(job) == "failed"
    known = (
        "select s.task from pgdispatch.suspension as s join pgdispatch.task as t on t.id = s.task"
    )
    assert verbs.values(known) == []
    assert not is_suspended(verbs, task)
