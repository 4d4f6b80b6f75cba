"""Clocks beside each other, beside people who edit, and clocks that die while they fire."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.nodes.processes import wait_until
from support.sessions.clock import NOON, Clock
from support.sessions.pauses import block, let_go, pause_at, stop_at
from support.sessions.ring import Ring
from support.sessions.timetable import change, next_run, run_clock, skips, tick
from support.sessions.verbs import Verbs

HOURLY = "every 1 hour from 00:00 to 23:59"


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


@pytest.fixture
def tasks(verbs: Verbs) -> list[int]:
    """Add a schedule with three tasks, and make it due."""
    clock = Clock(verbs.connection)
    verbs.schedule("hourly", recurrence=HOURLY)
    made = [verbs.task(schedule="hourly") for _ in range(3)]
    clock.advance(3600)
    return made


def fired(verbs: Verbs) -> list[int]:
    """Return the tasks of all jobs in the queue."""
    return verbs.values("select task from pgdispatch.job order by task, id")


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_second_clock_does_nothing_while_the_first_is_at_it(
    ring: Ring, verbs: Verbs, tasks: list[int], end: str
) -> None:
    """It does not wait; what the first gives up it creates at its next turn."""
    first = ring.session(begin=True)
    assert tick(first.verbs) == 3

    assert verbs.row("select * from pgdispatch.tick()") == {"jobs": None, "wait": None}
    getattr(first, end)()
    assert tick(verbs) == (None if end == "commit" else 3)
    assert fired(verbs) == tasks


@pytest.mark.parametrize("place", ["schedule", "occurrence", "job"])
def test_clock_that_is_killed_while_it_fires_leaves_everything_to_the_next(
    ring: Ring, verbs: Verbs, tasks: list[int], place: str
) -> None:
    """No job is missing and none is there twice, wherever it was."""
    pause_at(verbs, place, "before update" if place == "schedule" else "before insert")
    dying, guard = ring.session(), block(ring)
    stop_at(dying, place)
    firing = ring.start_waiting(dying, tick)
    assert tick(verbs) is None

    verbs.run("select pg_terminate_backend(%s)", dying.pid)
    assert firing.exception() is not None
    wait_until(lambda: tick(verbs) == 3)

    let_go(guard)
    assert fired(verbs) == tasks
    assert run_clock(verbs) == 0


def test_edit_of_a_schedule_waits_for_its_fire_and_counts_after_it(
    ring: Ring, verbs: Verbs, tasks: list[int]
) -> None:
    """The time that has come is served, the next one is that of the new recurrence."""
    firing, editing = ring.session(begin=True), ring.session()
    assert tick(firing.verbs) == 3
    edit = ring.start_waiting(
        editing, lambda v: change(v, "schedule", "name", "hourly", recurrence="daily at 13:05")
    )

    firing.commit()
    edit.result()

    assert fired(verbs) == tasks
    assert (next_run(verbs, "hourly") - NOON).total_seconds() == 3900


@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("column", ["recurrence", "priority"])
def test_clock_passes_by_a_schedule_that_is_being_edited(
    ring: Ring, verbs: Verbs, tasks: list[int], end: str, column: str
) -> None:
    """Others are fired meanwhile; afterwards it is fired unless it has got another recurrence."""
    verbs.schedule("other", recurrence="daily at 13:10")
    verbs.task(schedule="other")
    editing = ring.session(begin=True)
    change(editing.verbs, "schedule", "name", "hourly",
           **{column: 7 if column == "priority" else "daily at 20:00"})  # fmt: skip
    verbs.run("update public.test_clock set at = at + interval '10 min'")
    assert run_clock(verbs) == 1

    getattr(editing, end)()

    is_moved = (end, column) == ("commit", "recurrence")
    assert run_clock(verbs) == (0 if is_moved else len(tasks))


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_clock_passes_by_a_schedule_whose_calendar_is_being_edited(
    ring: Ring, verbs: Verbs, tasks: list[int], end: str
) -> None:
    """What is due was due before: it is served then, and the next time is that of the new days."""
    verbs.run("insert into pgdispatch.calendar (name) values ('DE')")
    change(verbs, "schedule", "name", "hourly", calendar="DE", on_free_day="skip")
    verbs.run("update pgdispatch.schedule set next_run_at = %s", NOON + timedelta(hours=1))
    editing = ring.session(begin=True)
    editing.verbs.run(
        "insert into pgdispatch.calendar_day (calendar, day)"
        " select 'DE', (%s::timestamptz)::date + n from generate_series(1, 2) as n",
        NOON,
    )
    verbs.run("update public.test_clock set at = '2026-03-02 23:30+00'")
    assert run_clock(verbs) == 0

    getattr(editing, end)()

    assert run_clock(verbs) == len(tasks)
    assert (next_run(verbs, "hourly") - NOON).total_seconds() == 3600 * (
        12 + (48 if end == "commit" else 0)
    )


def test_calendar_edited_while_its_schedule_is_fired_or_given_to_one_holds_for_it(
    ring: Ring, verbs: Verbs, tasks: list[int]
) -> None:
    """The edit waits for both, and then sets their next runs anew."""
    verbs.run("insert into pgdispatch.calendar (name) values ('DE')")
    change(verbs, "schedule", "name", "hourly", calendar="DE", on_free_day="skip")
    verbs.run("update pgdispatch.schedule set next_run_at = %s", NOON + timedelta(hours=1))
    firing, giving, editing = ring.session(begin=True), ring.session(begin=True), ring.session()
    assert tick(firing.verbs) == len(tasks)
    giving.verbs.schedule("new", recurrence="on working days at 06:00", calendar="DE")
    edit = ring.start_waiting(
        editing,
        lambda v: v.run(
            "insert into pgdispatch.calendar_day (calendar, day)"
            " select 'DE', (%s::timestamptz)::date + n from generate_series(0, 1) as n",
            NOON,
        ),
    )

    firing.commit()
    giving.commit()
    edit.result()

    days = [next_run(verbs, name) - NOON for name in ("hourly", "new")]
    assert days == [timedelta(hours=36), timedelta(hours=42)]


@pytest.mark.parametrize("edit", ["update pgdispatch.task set title = 'new'",
                                  "update pgdispatch.task set enabled = false",
                                  "delete from pgdispatch.task"])  # fmt: skip
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_clock_does_not_wait_for_a_person_who_edits_a_task(
    ring: Ring, verbs: Verbs, tasks: list[int], edit: str, end: str
) -> None:
    """It takes the task as it was before."""
    person = ring.session(begin=True)
    person.verbs.run(edit + " where id = %s", tasks[1])

    assert tick(verbs) == 3
    getattr(person, end)()
    assert fired(verbs) == tasks


def test_task_deleted_while_it_is_fired_keeps_its_job(
    ring: Ring, verbs: Verbs, tasks: list[int]
) -> None:
    """Neither waits for the other."""
    firing, person = ring.session(begin=True), ring.session()
    tick(firing.verbs)

    person.verbs.run("delete from pgdispatch.task")
    firing.commit()

    assert fired(verbs) == tasks
    assert verbs.drain() != []


def test_run_now_waits_for_the_fire_that_is_under_way(
    ring: Ring, verbs: Verbs, tasks: list[int]
) -> None:
    """Then it is refused, naming the job."""
    firing, person = ring.session(begin=True), ring.session()
    tick(firing.verbs)
    waiting = ring.start_waiting(person, lambda v: v.run_now(tasks[1]))

    firing.commit()

    assert "already has job" in str(waiting.exception())
    assert fired(verbs) == tasks


def test_run_now_under_way_is_seen_by_the_clock(ring: Ring, verbs: Verbs, tasks: list[int]) -> None:
    """It does not wait, nor add a second job."""
    person = ring.session(begin=True)
    person.verbs.run_now(tasks[1])

    assert tick(verbs) == 2
    person.commit()
    assert fired(verbs) == tasks
    assert skips(verbs, tasks[1]) == ["waiting"]


def test_run_now_that_commits_in_the_middle_of_a_fire_gets_no_second_job(
    ring: Ring, verbs: Verbs, tasks: list[int]
) -> None:
    """A fire of thousands takes a while, and sees the jobs there were at its beginning."""
    pause_at(verbs, "occurrence", "before insert")
    person, firing, guard = ring.session(begin=True), ring.session(), block(ring)
    person.verbs.run_now(tasks[1])
    stop_at(firing, "occurrence")
    turn = ring.start_waiting(firing, tick)

    person.commit()
    let_go(guard)

    assert turn.result() == 2
    assert fired(verbs) == tasks


def test_run_now_waits_for_a_fire_and_is_refused_naming_its_job(
    ring: Ring, verbs: Verbs, tasks: list[int]
) -> None:
    """Of its task; of a new task of the schedule it is not."""
    firing, person = ring.session(begin=True), ring.session()
    tick(firing.verbs)
    waiting = ring.start_waiting(person, lambda v: v.run_now(tasks[0]))

    firing.commit()

    job = verbs.value("select id from pgdispatch.job where task = %s", tasks[0])
    assert f"already has job {job}" in str(waiting.exception())


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_clock_passes_by_a_schedule_that_is_being_started_by_hand(
    ring: Ring, verbs: Verbs, tasks: list[int], end: str
) -> None:
    """At its next turn it skips the tasks that wait, or runs them."""
    person = ring.session(begin=True)
    person.verbs.run("select pgdispatch.run_now_schedule('hourly')")
    assert tick(verbs) is None

    getattr(person, end)()

    assert tick(verbs) == (0 if end == "commit" else 3)
    assert fired(verbs) == tasks


def test_fire_by_hand_waits_for_the_clock_and_adds_nothing(
    ring: Ring, verbs: Verbs, tasks: list[int]
) -> None:
    """For the same time."""
    at = next_run(verbs, "hourly")
    firing, person = ring.session(begin=True), ring.session()
    tick(firing.verbs)
    waiting = ring.start_waiting(person, lambda v: v.fire("hourly", at))

    firing.commit()

    assert waiting.result() == 0
    assert fired(verbs) == tasks


def test_clock_and_a_schedule_started_by_hand_do_not_block_each_other(
    ring: Ring, verbs: Verbs, tasks: list[int]
) -> None:
    """Nor does somebody who edits one of its linked tasks meanwhile."""
    linked = verbs.add("linked_task", title="a chain", schedule="hourly")
    holder, starting, editing = (ring.session() for _ in range(3))
    holder.begin()
    change(holder.verbs, "task", "id", tasks[0], title="held")
    start = ring.start_waiting(
        starting, lambda v: v.run("select pgdispatch.run_now_schedule('hourly')")
    )
    edit = editing.start(lambda v: change(v, "linked_task", "id", linked, title="edited"))
    wait_until(lambda: edit.done() or ring.is_waiting(editing))

    holder.commit()

    start.result()
    edit.result()
    assert ring.deadlocks() == 0


def test_backfills_beside_each_other_and_the_clock_create_each_job_once(
    ring: Ring, verbs: Verbs, tasks: list[int]
) -> None:
    """The rivals wait, the clock passes over it, and a Run Now finds the job."""
    backfill = "select job from pgdispatch.backfill('hourly', %s, %s)"
    span = (NOON - timedelta(hours=9), NOON + timedelta(hours=1))
    first, starting, *rivals = (ring.session() for _ in range(5))
    first.begin()
    made = first.verbs.values(backfill, *span)
    waiting = [ring.start_waiting(rival, lambda v: v.values(backfill, *span)) for rival in rivals]
    assert tick(verbs) is None
    start = ring.start_waiting(starting, lambda v: v.run_now(tasks[0]))

    first.commit()

    assert (len(made), [rival.result() for rival in waiting]) == (33, [[], [], []])
    assert "already" in str(start.exception())
    assert run_clock(verbs) == 0
    assert fired(verbs) == [task for task in tasks for _ in range(11)]


def test_backfill_that_is_broken_off_leaves_everything_to_its_rival(
    ring: Ring, verbs: Verbs, tasks: list[int]
) -> None:
    """Nothing of it stays: neither jobs nor occurrences."""
    backfill = "select job from pgdispatch.backfill('hourly', %s, %s)"
    first, rival = ring.session(begin=True), ring.session()
    first.verbs.values(backfill, NOON, NOON)
    waiting = ring.start_waiting(rival, lambda v: v.values(backfill, NOON, NOON))

    first.rollback()

    assert len(waiting.result()) == len(tasks)
    assert fired(verbs) == tasks
