"""Sequences that are not where their tables say, as after a move by logical replication."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from support.servers.embedded import Connect
from support.sessions.generations import last, step_to
from support.sessions.verbs import Verbs

LOST = "select setval('pgdispatch.ready_generation', 1, false)"  # as in a new database: no value
BACK = "select setval('pgdispatch.ready_generation', %s)"
BEHIND = "select sequence from pgdispatch.sequences_behind() order by sequence"
LAST_NUMBERS = "select sequencename, last_value from pg_sequences order by sequencename"
NUMBERED = ("job", "task", "linked_task", "linked_run", "schedule", "site", "generation")


@pytest.fixture
def other(database: str, connect: Connect) -> psycopg.Connection[Any]:
    """Give a second session, without autocommit."""
    return connect(database, autocommit=False)


def reach(verbs: Verbs, generation: int) -> None:
    """Take steps until a generation is the open one and the only one."""
    while last(verbs)["open"] < generation or last(verbs)["older"] is not None:
        verbs.tend()


def last_number(verbs: Verbs, table: str) -> int:
    """Return the number that a table's sequence has given last; 0: none."""
    return int(
        verbs.value(f"select coalesce(pg_sequence_last_value('pgdispatch.{table}_id_seq'), 0)")
    )


def settle(verbs: Verbs) -> dict[str, Any]:
    """Sweep until the generations are steady again; return the row that counts."""
    for _ in range(10):
        if last(verbs)["step"] == "steady":
            return last(verbs)
        verbs.sweep()
    raise AssertionError(f"never steady: {last(verbs)}")


@pytest.mark.parametrize("step", ["announced", "turning", "closing", "steady"])
def test_jobs_start_although_the_sequence_of_generations_was_behind(
    verbs: Verbs, step: str
) -> None:
    """All of them in their order, whatever was being done to the generations."""
    reach(verbs, 3)
    early = [verbs.job(priority=priority) for priority in (30, 10)]
    step_to(verbs, step, older=True)
    verbs.run(BACK, 1)
    misled = [verbs.job(priority=priority) for priority in (20, 40)]

    verbs.sweep()

    late = verbs.job(priority=1)
    assert verbs.drain() == [late, early[1], misled[0], early[0], misled[1]]
    assert settle(verbs)["open"] >= 3


def test_a_sequence_that_has_lost_its_value_loses_no_job(verbs: Verbs) -> None:
    """The schema alone was dumped, and the rows came by replication."""
    reach(verbs, 3)
    verbs.run(LOST)

    job = verbs.job()
    verbs.sweep()

    assert verbs.claim() == job
    assert verbs.column(verbs.job(), "generation") == 3


def test_a_claim_notices_it_without_a_sweep(verbs: Verbs) -> None:
    """One of sixty-four looks."""
    reach(verbs, 2)
    jobs = [verbs.job() for _ in range(64)]
    verbs.run(LOST)
    misled = verbs.job()

    assert verbs.drain() == [*jobs, misled]


def test_a_job_that_was_put_before_the_floor_starts(verbs: Verbs) -> None:
    """The sequence was one behind: at the older generation, which nobody adds to any more."""
    jobs = [verbs.job(priority=priority) for priority in range(11, 100)]
    step_to(verbs, "steady", older=True)
    verbs.finish(verbs.claim() or 0)
    verbs.tend()
    verbs.run(BACK, last(verbs)["older"])
    misled = verbs.job(priority=1)

    verbs.sweep()

    assert verbs.drain() == [misled, *jobs[1:]]


def test_a_transaction_that_began_before_the_repair_is_waited_for(
    verbs: Verbs, other: psycopg.Connection[Any]
) -> None:
    """Its job comes into a generation of the past when all seems mended."""
    reach(verbs, 3)
    verbs.run(LOST)
    misled = Verbs(other).job()
    for _ in range(5):
        verbs.sweep()
    waiting = last(verbs)

    other.commit()

    assert settle(verbs)["older"] is None
    assert waiting["step"] == "behind"
    assert verbs.claim() == misled


def test_many_misled_jobs_go_over_in_parts(verbs: Verbs) -> None:
    """The best of them first."""
    reach(verbs, 2)
    verbs.run(LOST)
    verbs.run(
        "insert into pgdispatch.job (type) select 'system' from pg_catalog.generate_series(1, 300)"
    )
    best = verbs.job(priority=1)

    verbs.sweep()

    moved = verbs.value("select count(*) from pgdispatch.job where generation = 2")
    assert (moved, verbs.claim()) == (250, best)
    settle(verbs)
    assert verbs.value("select count(*) from pgdispatch.job where generation = 2") == 301


def test_misled_jobs_are_found_even_if_the_sequence_was_put_right_by_hand(verbs: Verbs) -> None:
    """Looked for every hour, as it costs more beside an old snapshot."""
    reach(verbs, 3)
    verbs.run(LOST)
    misled = verbs.job()
    verbs.run(BACK, 3)
    verbs.sweep()
    before = verbs.claim()

    verbs.run("select pgdispatch.forget()")

    assert before is None
    assert verbs.claim() == misled
    assert settle(verbs)["open"] == 3


def test_numbers_go_on_after_those_that_are_there(verbs: Verbs) -> None:
    """Of jobs, tasks, linked tasks and their runs, schedules, sites and generations."""
    schedule = verbs.schedule("nightly", recurrence="daily at 02:00")
    linked = verbs.add("linked_task", title="flows", schedule=schedule)
    flow = verbs.task("flow")
    verbs.run("insert into pgdispatch.linked_task_step values (%s, 1, %s)", linked, flow)
    verbs.fire("nightly", "2020-01-01 02:00+00")
    step_to(verbs, "closing", older=True)
    before = {name: last_number(verbs, name) for name in NUMBERED}
    for name in NUMBERED:
        verbs.run(f"select setval('pgdispatch.{name}_id_seq', 1, false)")

    verbs.sweep()

    assert all(last_number(verbs, name) >= number > 0 for name, number in before.items())
    assert verbs.values(BEHIND) == []


def test_numbers_of_what_is_gone_are_not_given_again(verbs: Verbs) -> None:
    """The history names them; the queue is empty, and the sequence starts anew."""
    task = verbs.task()
    done = [verbs.run_now(task)]
    verbs.drain()
    verbs.run("delete from pgdispatch.task where id = %s", task)
    for sequence in ("job_id_seq", "task_id_seq"):
        verbs.run(f"select setval('pgdispatch.{sequence}', 1, false)")

    repaired = verbs.value("select pgdispatch.catch_up_sequences()")

    assert repaired == 2
    assert verbs.job() > max(done)
    assert verbs.task() > task


def test_sequences_that_are_right_are_left_alone(verbs: Verbs) -> None:
    """Ahead, too: a number that was given to a row that was rolled back, or is gone."""
    verbs.run("select nextval('pgdispatch.job_id_seq') from generate_series(1, 5)")
    before = verbs.rows(LAST_NUMBERS)

    repaired = verbs.value("select pgdispatch.catch_up_sequences()")

    assert repaired == 0
    assert verbs.rows(LAST_NUMBERS) == before
