"""The end of a step beside crashes, fires, edits, cancels and losses: one next step, or none."""

from __future__ import annotations

import pytest

from support.nodes.processes import wait_until
from support.sessions.clock import NOON
from support.sessions.ring import Ring
from support.sessions.timetable import change, linked_task, run_linked
from support.sessions.verbs import Verbs

END = ["commit", "rollback"]
STEPS = """
select step from pgdispatch.job
union all
select step from pgdispatch.job_history
order by step
"""


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


@pytest.fixture
def linked(verbs: Verbs) -> int:
    """Add a linked task of two steps on a schedule."""
    verbs.schedule("hourly")
    return linked_task(verbs, *[verbs.task("flow") for _ in range(2)], schedule="hourly")


@pytest.fixture
def running(verbs: Verbs, linked: int) -> int:
    """Start it, and return the job of its first step, which runs."""
    job = run_linked(verbs, linked)
    if verbs.claim("etl:1") != job:
        raise ValueError("the first step does not start")
    return job


@pytest.mark.parametrize("is_killed", [True, False])
def test_crash_before_the_end_of_a_step_is_committed_starts_nothing(
    ring: Ring, verbs: Verbs, running: int, is_killed: bool
) -> None:
    """The step still runs, and ends once."""
    dying = ring.session(begin=True)
    dying.verbs.finish(running, claim=True)
    if is_killed:
        verbs.run("select pg_terminate_backend(%s)", dying.pid)
    else:
        dying.connection.close()
    wait_until(lambda: not verbs.rows("select from pg_stat_activity where pid = %s", dying.pid))

    assert verbs.values(STEPS) == [1]
    verbs.run("select pgdispatch.declare_lost('etl')")
    verbs.drain()
    assert verbs.values(STEPS) == [1, 2]


def test_crash_after_the_end_of_a_step_is_committed_loses_nothing(
    ring: Ring, verbs: Verbs, running: int
) -> None:
    """The next step is there before anybody hears of the end, and is there once."""
    dying = ring.session()
    got = dying.verbs.finish(running, claim=True)
    verbs.run("select pg_terminate_backend(%s)", dying.pid)

    assert got is not None
    assert verbs.values(STEPS) == [1, 2]
    verbs.run("select pgdispatch.declare_lost('etl')")
    verbs.drain()
    assert verbs.values(STEPS) == [1, 2]


def test_second_report_of_the_same_end_starts_nothing(
    ring: Ring, verbs: Verbs, running: int
) -> None:
    """It waits for the first and is refused (JD003)."""
    first, second = ring.session(begin=True), ring.session()
    first.verbs.finish(running)
    waiting = ring.start_waiting(second, lambda v: v.fail(running))

    first.commit()

    assert getattr(waiting.exception(), "sqlstate", None) == "JD003"
    assert verbs.values(STEPS) == [1, 2]


@pytest.mark.parametrize("end", END)
def test_loss_beside_the_end_of_a_step_leaves_one_way(
    ring: Ring, verbs: Verbs, running: int, end: str
) -> None:
    """Whoever has the job first; the loss passes by."""
    finishing = ring.session(begin=True)
    finishing.verbs.finish(running)
    assert verbs.value("select pgdispatch.declare_lost('etl')") == 0

    getattr(finishing, end)()

    assert verbs.values(STEPS) == ([1, 2] if end == "commit" else [1])


def test_end_of_a_step_that_was_lost_meanwhile_is_refused(
    ring: Ring, verbs: Verbs, running: int
) -> None:
    """The step goes back, and the next one comes when it has run."""
    losing, finishing = ring.session(begin=True), ring.session()
    losing.verbs.run("select pgdispatch.declare_lost('etl')")
    waiting = ring.start_waiting(finishing, lambda v: v.finish(running))

    losing.commit()

    assert getattr(waiting.exception(), "sqlstate", None) == "JD003"
    assert verbs.values(STEPS) == [1]
    verbs.drain()
    assert verbs.values(STEPS) == [1, 2]


@pytest.mark.parametrize("end", END)
def test_cancel_beside_the_end_of_a_step_is_for_one_of_them(
    ring: Ring, verbs: Verbs, running: int, end: str
) -> None:
    """A step that was cancelled first and then fails ends the run."""
    cancelling, failing = ring.session(begin=True), ring.session()
    change(verbs, "linked_task_step", "step", 1, stop_on_failure=False)
    cancelling.verbs.cancel(running)
    waiting = ring.start_waiting(failing, lambda v: v.fail(running))

    getattr(cancelling, end)()
    waiting.result()

    assert verbs.state(running) == ("cancelled" if end == "commit" else "failed")
    assert verbs.values(STEPS) == ([1] if end == "commit" else [1, 2])


@pytest.mark.parametrize("end", END)
def test_fire_beside_the_end_of_a_step_starts_no_second_run(
    ring: Ring, verbs: Verbs, running: int, end: str
) -> None:
    """It sees the step that ends, or the one that comes."""
    finishing = ring.session(begin=True)
    finishing.verbs.finish(running)

    assert verbs.fire("hourly", NOON) == 0
    getattr(finishing, end)()
    skipped = "select skipped_for from pgdispatch.linked_run where scheduled_at is not null"
    assert verbs.values(skipped) == ["waiting"]
    assert verbs.values(STEPS) == ([1, 2] if end == "commit" else [1])


@pytest.mark.parametrize("end", END)
def test_second_run_now_waits_for_the_first(
    ring: Ring, verbs: Verbs, linked: int, end: str
) -> None:
    """Then it is refused naming that job, or it is the first."""
    ahead, behind = ring.session(begin=True), ring.session()
    job = run_linked(ahead.verbs, linked)
    waiting = ring.start_waiting(behind, lambda v: run_linked(v, linked))

    getattr(ahead, end)()

    if end == "commit":
        assert f"already has job {job}" in str(waiting.exception())
    else:
        assert waiting.result() > job
    assert verbs.values(STEPS) == [1]


@pytest.mark.parametrize("end", END)
def test_run_now_waits_for_a_fire(ring: Ring, verbs: Verbs, linked: int, end: str) -> None:
    """One run, whoever starts it."""
    firing, person = ring.session(begin=True), ring.session()
    firing.verbs.fire("hourly", NOON)
    waiting = ring.start_waiting(person, lambda v: run_linked(v, linked))

    getattr(firing, end)()

    assert (waiting.exception() is None) == (end == "rollback")
    assert verbs.values(STEPS) == [1]


def test_fire_does_not_wait_for_a_run_now_and_starts_no_second_run(
    ring: Ring, verbs: Verbs, linked: int
) -> None:
    """The clock waits for no person."""
    person = ring.session(begin=True)
    run_linked(person.verbs, linked)

    assert verbs.fire("hourly", NOON) == 0
    person.commit()
    assert verbs.values(STEPS) == [1]


@pytest.mark.parametrize(
    "edit",
    [
        "delete from pgdispatch.linked_task_step where step = 2",
        "update pgdispatch.linked_task_step set step = 9 where step = 2",
        "update pgdispatch.linked_task_step set stop_on_failure = false",
        "update pgdispatch.linked_task set priority = 3",
        "delete from pgdispatch.linked_task",
        "update pgdispatch.task set enabled = false",
        "update pgdispatch.schedule set priority = 3",
    ],
)
def test_end_of_a_step_does_not_wait_for_a_person_who_edits(
    ring: Ring, verbs: Verbs, running: int, edit: str
) -> None:
    """What was committed before it counts."""
    person = ring.session(begin=True)
    person.verbs.run(edit)

    verbs.finish(running)

    person.commit()
    assert verbs.values(STEPS) == [1, 2]


def test_edit_of_a_linked_task_beside_its_fire_blocks_neither(
    ring: Ring, verbs: Verbs, linked: int
) -> None:
    """The fire takes it as it was; the edit comes after it or before, but comes."""
    editing = ring.session(begin=True)
    change(editing.verbs, "linked_task", "id", linked, enabled=False)

    assert verbs.fire("hourly", NOON) == 1
    editing.commit()
    assert ring.deadlocks() == 0


@pytest.mark.parametrize("end", END)
def test_serial_schedule_waits_for_a_linked_task_that_is_just_being_added(
    ring: Ring, verbs: Verbs, end: str
) -> None:
    """Never both."""
    verbs.schedule("quiet")
    adding, making = ring.session(begin=True), ring.session()
    linked_task(adding.verbs, schedule="quiet")
    waiting = ring.start_waiting(making, lambda v: v.execution("quiet", "serial"))

    getattr(adding, end)()

    assert (waiting.exception() is None) == (end == "rollback")
    query = "select execution from pgdispatch.schedule where name = 'quiet'"
    assert verbs.value(query) == ("parallel" if end == "commit" else "serial")
