"""Priority: where a task and a job get theirs, and who may change it (semantics 3)."""

from __future__ import annotations

import psycopg
import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.verbs import Claimed, Verbs

OWN = ["flow", "system", "extract_creation", "incremental_extract", "full_extract"]
OF_SCHEDULE = ["alert", "subscription"]


def fired(verbs: Verbs, schedule: str) -> int:
    """Fire a schedule of one task and return the priority of its job."""
    verbs.fire(schedule, NOON)
    return int(verbs.value("select priority from pgdispatch.job"))


@pytest.mark.parametrize("type", OWN)
def test_task_keeps_the_priority_its_schedule_had_at_first(
    verbs: Verbs,
    type: str,  # noqa: A002  # the column's name
) -> None:
    """A later change of the schedule does not touch it."""
    verbs.schedule("hourly", priority=20)
    verbs.task(type, schedule="hourly")
    verbs.run("update pgdispatch.schedule set priority = 90")

    assert fired(verbs, "hourly") == 20


@pytest.mark.parametrize("type", OF_SCHEDULE)
def test_job_of_a_task_without_priority_reads_the_schedule(
    verbs: Verbs,
    type: str,  # noqa: A002  # the column's name
) -> None:
    """At the moment the job is created, and a waiting job keeps what it got."""
    verbs.schedule("hourly", priority=20)
    task = verbs.task(type, schedule="hourly")
    verbs.run("update pgdispatch.schedule set priority = 90")

    assert verbs.value("select priority from pgdispatch.task where id = %s", task) is None
    assert fired(verbs, "hourly") == 90
    verbs.run("update pgdispatch.schedule set priority = 10")
    assert verbs.value("select priority from pgdispatch.job") == 90


@pytest.mark.parametrize("type", OF_SCHEDULE)
def test_custom_schedule_gives_priority_50(
    verbs: Verbs,
    type: str,  # noqa: A002  # the column's name
) -> None:
    """Whatever priority it has itself."""
    verbs.schedule("mine", priority=3, is_custom=True)
    verbs.task(type, schedule="mine")

    assert fired(verbs, "mine") == 50


def test_changed_priority_of_a_task_is_that_of_its_next_jobs(verbs: Verbs) -> None:
    """Jobs that wait keep theirs."""
    task = verbs.task()
    before = verbs.add("job", task=task)

    verbs.run("update pgdispatch.task set priority = 7")

    after = verbs.add("job", task=task)
    assert [verbs.column(job, "priority") for job in (before, after)] == [50, 7]


def test_flow_whose_task_has_no_priority_has_priority_0(verbs: Verbs) -> None:
    """As has one without a task (semantics 3.5)."""
    job = verbs.add("job", task=verbs.task("flow"))

    assert verbs.column(job, "priority") == 0


def test_republish_starts_the_tasks_of_a_datasource_afresh(verbs: Verbs, clock: Clock) -> None:
    """Priority of the schedule as it is now, created now, no run-time history."""
    verbs.schedule("hourly", priority=20)
    task = verbs.task(schedule="hourly", datasource="sales")
    other = verbs.task(schedule="hourly", datasource="stock")
    for each in (task, other):
        verbs.run_now(each)
        job = verbs.claim()
        clock.advance(10)
        verbs.finish(job or 0)
    verbs.run("update pgdispatch.task set priority = 99")
    verbs.run("update pgdispatch.schedule set priority = 30")

    assert verbs.value("select pgdispatch.republish('default', 'sales')") == 1
    usual = "select pgdispatch.usual_seconds(%s)"
    assert [verbs.value(usual, each) for each in (task, other)] == [None, 10]
    tasks = verbs.rows("select priority, created_at from pgdispatch.task order by id")
    assert [row["priority"] for row in tasks] == [30, 99]
    assert tasks[0]["created_at"] == clock.now > tasks[1]["created_at"]


def test_republish_of_an_unknown_datasource_is_refused(verbs: Verbs) -> None:
    """SQLSTATE JD002."""
    with pytest.raises(psycopg.Error) as refused:
        verbs.run("select pgdispatch.republish('default', 'nothing')")

    assert refused.value.sqlstate == "JD002"


def test_set_priority_moves_a_waiting_job_at_once(verbs: Verbs) -> None:
    """Forward or back."""
    first, second, third = (verbs.job() for _ in range(3))

    verbs.set_priority(third, 1)
    verbs.set_priority(first, 100)

    assert verbs.drain() == [third, second, first]


def test_set_priority_moves_a_parked_job(verbs: Verbs) -> None:
    """It is the first at its gate now."""
    holder, second, third = (verbs.job(datasource="sales") for _ in range(3))
    verbs.claim("n:1")
    assert verbs.claim("n:2") is None

    verbs.set_priority(third, 1)

    assert verbs.finish(holder, claim=True) == Claimed("run", third, 1)
    assert verbs.finish(third, claim=True) == Claimed("run", second, 1)


def test_woken_job_that_gets_a_worse_place_wakes_the_next(verbs: Verbs) -> None:
    """The room at its gate is for the one that is first now."""
    holder, woken, next_one = (verbs.job(datasource="sales") for _ in range(3))
    verbs.claim("n:1")
    assert verbs.claim("n:2") is None
    verbs.finish(holder)

    verbs.set_priority(woken, 100)

    assert verbs.drain() == [next_one, woken]


@pytest.mark.parametrize("priority", [None, 0, 101, -1])
def test_set_priority_refuses_what_is_not_between_1_and_100(
    verbs: Verbs, priority: int | None
) -> None:
    """SQLSTATE JD001."""
    job = verbs.job()

    with pytest.raises(psycopg.Error) as refused:
        verbs.run("select pgdispatch.set_priority(%s, %s::integer)", job, priority)

    assert refused.value.sqlstate == "JD001"


def test_set_priority_of_a_running_or_ended_job_is_refused(verbs: Verbs) -> None:
    """SQLSTATE JD004; an unknown one is JD002."""
    running, ended = verbs.job(), verbs.job(priority=1)
    for _ in range(2):
        verbs.claim(f"n:{_}")
    verbs.finish(ended)
    states = []
    for job in (running, ended, 4711):
        with pytest.raises(psycopg.Error) as refused:
            verbs.set_priority(job, 5)
        states.append(refused.value.sqlstate)

    assert states == ["JD004", "JD004", "JD002"]


@pytest.mark.parametrize("type", OF_SCHEDULE)
def test_task_that_reads_its_schedule_refuses_a_priority(
    verbs: Verbs,
    type: str,  # noqa: A002  # the column's name
) -> None:
    """SQLSTATE JD001."""
    with pytest.raises(psycopg.Error, match="has no priority of its own") as refused:
        verbs.task(type, priority=5)

    assert refused.value.sqlstate == "JD001"
