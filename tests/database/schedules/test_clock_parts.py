"""A turn of the clock is short: what is much is fired part by part, what breaks off gives way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from support.bad_input.effort import IS_LONG
from support.sessions.clock import NOON, Clock
from support.sessions.ring import Ring
from support.sessions.timetable import change, linked_task, next_run, run_clock, skips, tick
from support.sessions.verbs import Verbs

HOURLY = "every 1 hour from 00:00 to 23:59"
TASKS, MISSED = (1000, 100) if IS_LONG else (700, 15)
AT_MOST = 10_000
SMALL = 100
HOW_OFTEN = """
select distinct count(*) from pgdispatch.job group by task, scheduled_at
"""
TELLS = "select last_error, put_off_until from pgdispatch.schedule where name = %s"
BREAK = """
create function public.break() returns trigger language plpgsql as
$$begin
    if new.schedule = 'bad' then
        {what};
    end if;
    return new;
end$$;
create trigger z_break before insert on pgdispatch.job
for each row execute function public.break()
"""


def add_many(verbs: Verbs, schedule: str, count: int) -> None:
    """Add a schedule with so many tasks."""
    verbs.schedule(schedule, recurrence=HOURLY, missed_runs="all", max_missed_runs=100)
    verbs.run("insert into pgdispatch.task (type, title, schedule) select 'system', 'a task', %s "
              "from generate_series(1, %s)", schedule, count)  # fmt: skip


def in_small_parts(verbs: Verbs, schedule: str) -> None:
    """Let a schedule be one that could not be fired the last time."""
    change(verbs, "schedule", "name", schedule, last_error="something")


def test_many_missed_runs_of_many_tasks_are_fired_part_by_part(verbs: Verbs, clock: Clock) -> None:
    """Other schedules come in between; each task gets each of its jobs, and none twice."""
    add_many(verbs, "many", TASKS)
    verbs.schedule("other", recurrence=HOURLY)
    verbs.task(schedule="other")
    clock.advance(MISSED * 3600 + 100)
    parts: list[Any] = [tick(verbs), tick(verbs)]
    while (jobs := tick(verbs)) is not None:
        parts.append(jobs)

    assert parts[1] == 1
    assert max(map(int, parts)) <= AT_MOST
    assert sum(map(int, parts)) == TASKS * MISSED + 1
    assert verbs.values(HOW_OFTEN) == [1]
    assert next_run(verbs, "many") == NOON + timedelta(hours=MISSED + 1)
    assert verbs.value("select last_run_at from pgdispatch.schedule where name = 'many'") == (
        NOON + timedelta(hours=MISSED)
    )
    assert run_clock(verbs) == 0


def test_parts_are_small_after_an_error_until_all_is_fired(verbs: Verbs, clock: Clock) -> None:
    """Whatever took too long may take less then; linked tasks come after the tasks."""
    add_many(verbs, "many", 2 * SMALL + 1)
    flows = [verbs.task("flow") for _ in range(12)]
    for flow in flows:
        linked_task(verbs, flow, schedule="many")
    in_small_parts(verbs, "many")
    clock.advance(3600)

    assert [tick(verbs) for _ in range(3)] == [SMALL, SMALL, 1 + SMALL // 10]
    assert verbs.value("select last_error from pgdispatch.schedule") == "something"
    assert [tick(verbs), tick(verbs)] == [2, None]
    assert verbs.value("select last_error from pgdispatch.schedule") is None
    assert verbs.values(HOW_OFTEN) == [1]


def test_schedule_edited_between_two_parts_is_still_fired_for_its_time(
    verbs: Verbs, clock: Clock
) -> None:
    """Then it goes by what it is now."""
    add_many(verbs, "many", SMALL + 50)
    in_small_parts(verbs, "many")
    clock.advance(3600)
    tick(verbs)
    change(verbs, "schedule", "name", "many", recurrence="daily at 20:00")

    assert run_clock(verbs) == 50
    assert verbs.values("select distinct scheduled_at from pgdispatch.job") == [
        NOON + timedelta(hours=1)
    ]
    assert next_run(verbs, "many") == NOON + timedelta(hours=8)


def test_schedule_disabled_between_two_parts_creates_nothing_more(
    verbs: Verbs, clock: Clock
) -> None:
    """Nor when it is enabled again: that time was not missed."""
    add_many(verbs, "many", SMALL + 50)
    in_small_parts(verbs, "many")
    clock.advance(3600)
    tick(verbs)
    change(verbs, "schedule", "name", "many", enabled=False)

    assert run_clock(verbs) == 0
    change(verbs, "schedule", "name", "many", enabled=True)
    assert run_clock(verbs) == 0


def test_run_now_between_two_parts_makes_no_second_job(verbs: Verbs, clock: Clock) -> None:
    """Refused if the task has its job already; else its occurrence is skipped."""
    add_many(verbs, "many", SMALL + 1)
    in_small_parts(verbs, "many")
    clock.advance(3600)
    tick(verbs)

    with pytest.raises(psycopg.Error, match="already has job"):
        verbs.run_now(SMALL)
    verbs.run_now(SMALL + 1)
    assert run_clock(verbs) == 0
    assert skips(verbs, SMALL + 1) == ["waiting"]


@pytest.mark.parametrize("what", ["perform pg_sleep(30)", "raise 'no'", "assert false"])
def test_schedule_that_cannot_be_fired_gives_way_whatever_broke_it_off(
    verbs: Verbs, clock: Clock, what: str
) -> None:
    """A statement that takes too long, too: first behind the others, then for a minute each."""
    for name in ("bad", "good"):
        verbs.schedule(name, recurrence=HOURLY)
        verbs.task(schedule=name)
    verbs.run(BREAK.format(what=what))
    verbs.run("set statement_timeout = '300ms'")
    clock.advance(3600)

    assert [tick(verbs), tick(verbs)] == [0, 1]
    first = verbs.row(TELLS, "bad")
    assert first["last_error"]
    assert first["put_off_until"] == clock.now
    assert [tick(verbs), tick(verbs)] == [0, None]
    assert verbs.row(TELLS, "bad")["put_off_until"] == clock.now + timedelta(minutes=1)
    clock.advance(60)
    assert [tick(verbs), tick(verbs)] == [0, None]
    verbs.run("drop trigger z_break on pgdispatch.job")
    clock.advance(60)
    assert [tick(verbs), tick(verbs)] == [1, None]
    assert verbs.row(TELLS, "bad") == {"last_error": None, "put_off_until": None}


def test_schedule_whose_fire_ends_the_session_gives_way(ring: Ring) -> None:
    """All is rolled back with the session; the next clock knows even so."""
    verbs = ring.watch
    clock = Clock(verbs.connection)
    for name in ("bad", "good"):
        verbs.schedule(name, recurrence=HOURLY)
        verbs.task(schedule=name)
    verbs.run(BREAK.format(what="perform pg_terminate_backend(pg_backend_pid())"))
    clock.advance(3600)

    with pytest.raises(psycopg.OperationalError):
        tick(ring.session().verbs)
    assert [tick(verbs), tick(verbs)] == [0, 1]
    told = verbs.row(TELLS, "bad")
    assert "its session ended while it was fired" in told["last_error"]
    assert told["put_off_until"] == clock.now
    with pytest.raises(psycopg.OperationalError):
        tick(ring.session().verbs)
    assert [tick(verbs), tick(verbs)] == [0, None]
    assert verbs.row(TELLS, "bad")["put_off_until"] == clock.now + timedelta(minutes=1)
    verbs.run("drop trigger z_break on pgdispatch.job")
    clock.advance(60)
    assert run_clock(verbs) == 1


def test_clock_that_is_broken_off_between_two_parts_loses_and_doubles_nothing(ring: Ring) -> None:
    """What was committed stays, the rest is fired by whoever comes next."""
    verbs = ring.watch
    clock = Clock(verbs.connection)
    add_many(verbs, "bad", 3 * SMALL)
    in_small_parts(verbs, "bad")
    clock.advance(3600)
    assert tick(verbs) == SMALL
    end = f"if new.task = {SMALL + 50} then perform pg_terminate_backend(pg_backend_pid()); end if"
    verbs.run(BREAK.format(what=end))
    with pytest.raises(psycopg.OperationalError):
        tick(ring.session().verbs)
    verbs.run("drop trigger z_break on pgdispatch.job")

    assert tick(verbs) == 0
    clock.advance(60)
    assert run_clock(verbs) == 2 * SMALL
    assert verbs.value("select count(*) from pgdispatch.job") == 3 * SMALL
    assert verbs.values(HOW_OFTEN) == [1]


def test_schedule_put_off_by_a_clock_that_was_ahead_is_not_blind(
    verbs: Verbs, clock: Clock
) -> None:
    """A time further ahead than any put-off is none."""
    verbs.schedule("hourly", recurrence=HOURLY)
    verbs.task(schedule="hourly")
    change(verbs, "schedule", "name", "hourly", put_off_until=NOON + timedelta(days=1))
    clock.advance(3600)

    assert verbs.value("select wait from pgdispatch.tick()") >= 0
    assert verbs.value("select count(*) from pgdispatch.job") == 1


def test_schedule_whose_zone_has_gone_stops_no_other(verbs: Verbs, clock: Clock) -> None:
    """Neither when it is due nor when times are corrected after a jump of the clock."""
    for name in ("bad", "good"):
        verbs.schedule(name, recurrence=HOURLY)
        verbs.task(schedule=name)
    verbs.run("alter table pgdispatch.schedule disable trigger fill_schedule")
    change(verbs, "schedule", "name", "bad", time_zone="Nowhere/Gone")
    verbs.run("alter table pgdispatch.schedule enable trigger fill_schedule")
    clock.advance(24 * 3600)
    run_clock(verbs)
    assert "Nowhere/Gone" in verbs.row(TELLS, "bad")["last_error"]
    clock.advance(-23 * 3600)

    assert run_clock(verbs) == 0
    assert next_run(verbs, "good") == NOON + timedelta(hours=2)
