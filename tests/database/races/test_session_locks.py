"""No lock of a session is left behind by whoever is cancelled, or ends his transaction in two."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from random import Random

import psycopg
import pytest

from pgdispatch.database import statements
from support.nodes.processes import wait_until
from support.sessions.clock import NOON, Clock
from support.sessions.ring import Ring, Session
from support.sessions.timetable import linked_task, run_clock, run_linked, skips, tick
from support.sessions.verbs import Verbs

HOURLY = "every 1 hour from 00:00 to 23:59"
ROUNDS = 120
SEED = 20260302
HELD = """
select count(*) from pg_locks
where locktype = 'advisory' and pid = %s and classid::bigint / 1000 = 1885824
"""
GRANTED = """
select exists (
    select from pg_locks
    where pid = %s and classid = pgdispatch.lock_class('fire') and granted
)
"""


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


@pytest.fixture
def tasks(verbs: Verbs) -> list[int]:
    """Add a schedule with three flows, and make it due."""
    clock = Clock(verbs.connection)
    verbs.schedule("hourly", recurrence=HOURLY)
    made = [verbs.task("flow", schedule="hourly") for _ in range(3)]
    clock.advance(3600)
    return made


def cancel_while_frozen(ring: Ring, session: Session, until: Callable[[], None]) -> None:
    """Cancel a session that has been given what it waits for, and has not seen that yet."""
    os.kill(session.pid, signal.SIGSTOP)
    try:
        until()
        wait_until(lambda: ring.watch.value(GRANTED, session.pid))
        ring.watch.run("select pg_cancel_backend(%s)", session.pid)
    finally:
        os.kill(session.pid, signal.SIGCONT)


@pytest.mark.parametrize("what", ["task", "linked task"])
def test_run_now_cancelled_just_when_it_gets_its_lock_keeps_none(
    ring: Ring, verbs: Verbs, tasks: list[int], what: str
) -> None:
    """Else the clock of the whole cluster would stand still until that session ends."""
    linked = linked_task(verbs, tasks[0], schedule="hourly")
    firing, person = ring.session(begin=True), ring.session()
    tick(firing.verbs)
    acts = {"task": lambda v: v.run_now(tasks[1]), "linked task": lambda v: run_linked(v, linked)}
    waiting = ring.start_waiting(person, acts[what])

    cancel_while_frozen(ring, person, firing.commit)

    assert isinstance(waiting.exception(), psycopg.errors.QueryCanceled)
    assert verbs.value(HELD, person.pid) == 0
    verbs.run("update public.test_clock set at = at + interval '1 hour'")
    assert tick(verbs) == 0
    assert skips(verbs, tasks[1])[-1] == "waiting"


def test_verbs_cancelled_at_any_moment_leave_no_lock_behind(
    ring: Ring, verbs: Verbs, tasks: list[int]
) -> None:
    """Between any two of their steps; rivals make them wait, and pass over each other's jobs."""
    random = Random(SEED)  # noqa: S311  # no secret
    linked = linked_task(verbs, tasks[0], schedule="hourly")
    verbs.run("insert into pgdispatch.job (type) select 'system' from generate_series(1, 300)")
    acts: list[Callable[[Verbs], object]] = [
        lambda v: v.run_now(random.choice(tasks)),
        lambda v: run_linked(v, linked),
        lambda v: v.run("select pgdispatch.run_now_schedule('hourly')"),
        lambda v: v.fire("hourly", NOON),
        lambda v: v.run("select pgdispatch.tick()"),
        lambda v: v.claim("n:1"),
        lambda v: v.run("select pgdispatch.run_now(%s), pg_sleep(0.01)", random.choice(tasks)),
    ]
    victim, rival = ring.session(), ring.session()
    cancelled = 0
    for _ in range(ROUNDS):
        rival.begin()
        with suppress(psycopg.Error):  # refused, such as a second job of one task
            random.choice(acts)(rival.verbs)
        doing = victim.start(random.choice(acts))
        victim.verbs.connection.cancel() if random.random() < 0.3 else verbs.run(
            "select pg_sleep(%s), pg_cancel_backend(%s)", random.random() * 0.01, victim.pid
        )
        rival.rollback()
        error = doing.exception()
        cancelled += isinstance(error, psycopg.errors.QueryCanceled)

        assert verbs.value(HELD, victim.pid) == 0

    assert cancelled > 0
    assert run_clock(verbs) >= 0


def test_run_now_that_was_prepared_is_seen_by_the_clock(
    ring: Ring, verbs: Verbs, tasks: list[int]
) -> None:
    """It belongs to no process; the task gets no second job, that of a linked task neither."""
    flow = verbs.task("flow")
    linked = linked_task(verbs, flow, schedule="hourly")
    person = ring.session(begin=True)
    person.verbs.run_now(tasks[1])
    run_linked(person.verbs, linked)
    person.verbs.run("prepare transaction 'a run now'")

    assert tick(verbs) == 2
    verbs.run("commit prepared 'a run now'")

    made = verbs.values("select task from pgdispatch.job order by task")
    assert made == sorted([*tasks, flow])
    assert skips(verbs, tasks[1]) == ["waiting"]
    assert verbs.values("select skipped_for from pgdispatch.linked_run where not run_now") == [
        "waiting"
    ]


def test_prepared_transaction_is_named_among_those_in_the_way_of_an_upgrade(
    ring: Ring, verbs: Verbs, tasks: list[int]
) -> None:
    """With what ends it; it has no process to be found by."""
    person = ring.session(begin=True)
    person.verbs.run_now(tasks[1])
    person.verbs.run("prepare transaction 'in the way'")

    try:
        named = [name for (name,) in verbs.connection.execute(statements.BLOCKERS).fetchall()]
    finally:
        verbs.run("rollback prepared 'in the way'")

    assert [name for name in named if name.startswith("prepared transaction 'in the way' of ")]
