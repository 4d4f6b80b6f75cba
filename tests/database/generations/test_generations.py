"""Ready jobs change generations, and nobody who claims notices, even beside a held snapshot.

How one begins, how it ends, and what claims cost meanwhile.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from support.servers.embedded import Connect
from support.sessions.generations import last, step_to
from support.sessions.verbs import Verbs

FEW = 200
"""The blocks that a cheap claim touches at most."""

STAY = 65
"""So many jobs stay in the older generation until they are worked off; fewer may go over."""


@pytest.fixture
def other(database: str, connect: Connect) -> psycopg.Connection[Any]:
    """Give a second session, without autocommit."""
    return connect(database, autocommit=False)


def test_the_head_of_a_short_queue_is_not_slow(verbs: Verbs) -> None:
    """It goes by the clock, so a machine that is busy for a moment may be asked again."""
    for _ in range(70):
        verbs.job()

    verbs.drain()

    assert not all(verbs.value("select pgdispatch.is_head_slow(1)") for _ in range(20))


def test_jobs_become_ready_in_the_open_generation_once_all_know_it(verbs: Verbs) -> None:
    """It is announced before the first job gets it."""
    before = verbs.job()
    announced = step_to(verbs, "announced", older=True)
    meanwhile = verbs.job()
    step_to(verbs, "closing", older=True)
    after = verbs.job()

    assert [verbs.column(job, "generation") for job in (before, meanwhile, after)] == [1, 1, 2]
    assert (announced["older"], announced["open"]) == (1, 2)


@pytest.mark.parametrize("step", ["announced", "turning", "closing", "steady"])
def test_the_best_job_starts_from_whichever_generation_it_is_in(verbs: Verbs, step: str) -> None:
    """The order knows nothing of generations."""
    low, high = verbs.job(priority=60), verbs.job(priority=20)
    step_to(verbs, step, older=True)
    middle, first = verbs.job(priority=40), verbs.job(priority=10)

    assert verbs.drain() == [first, high, middle, low]


def test_a_generation_is_not_closed_before_its_writers_have_ended(
    verbs: Verbs, other: psycopg.Connection[Any]
) -> None:
    """A job inserted long ago, and committed only now, is found in its place."""
    verbs.job(priority=50)
    late = Verbs(other).job(priority=1)
    for _ in range(10):
        verbs.tend()
    waiting = last(verbs)

    other.commit()
    step_to(verbs, "steady", older=True)

    assert waiting["step"] == "turning"
    assert verbs.claim() == late


def test_a_writer_that_began_just_before_the_turn_is_waited_for(
    verbs: Verbs, other: psycopg.Connection[Any]
) -> None:
    """It still gets the older generation, and its transaction is the last that has begun."""
    verbs.job(priority=50)
    step_to(verbs, "turning", older=True)
    late = Verbs(other).job(priority=1)
    for _ in range(10):
        verbs.tend()
    waiting = last(verbs)

    other.commit()

    assert waiting["step"] == "closing"
    assert verbs.column(late, "generation") == 1
    step_to(verbs, "steady", older=True)
    assert verbs.claim() == late


def test_a_claim_under_way_is_waited_for(verbs: Verbs, other: psycopg.Connection[Any]) -> None:
    """It may not know of the generation that the next job would get."""
    taken = verbs.job()
    Verbs(other).claim("n:1")
    for _ in range(10):
        verbs.tend()

    assert last(verbs)["step"] == "turning"
    assert verbs.column(verbs.job(), "generation") == 1
    other.commit()
    assert verbs.column(taken, "state") == "running"


def test_a_claim_that_finds_nothing_is_waited_for(
    verbs: Verbs, other: psycopg.Connection[Any]
) -> None:
    """While it waits at a gate, it goes by what it knew when it began."""
    assert Verbs(other).claim("n:1") is None

    for _ in range(10):
        verbs.tend()

    assert (last(verbs)["step"], last(verbs)["open"]) == ("turning", 2)


def test_a_snapshot_that_only_reads_is_not_waited_for(
    verbs: Verbs, other: psycopg.Connection[Any]
) -> None:
    """That is the whole point."""
    verbs.job()
    other.execute("set transaction isolation level repeatable read")
    other.execute("select count(*) from pgdispatch.job")

    assert step_to(verbs, "steady", older=True)["older"] == 1


def test_the_floor_rises_as_the_older_generation_is_worked_off(verbs: Verbs) -> None:
    """To the first job that is left in it."""
    jobs = [verbs.job(priority=priority) for priority in range(1, 100)]
    step_to(verbs, "steady", older=True)
    for _ in range(3):
        verbs.finish(verbs.claim() or 0)

    verbs.run("select pgdispatch.tend_generations()")

    assert (last(verbs)["floor_priority"], last(verbs)["floor_id"]) == (4, jobs[3])


def test_a_job_that_goes_back_is_found_below_the_floor(verbs: Verbs) -> None:
    """It becomes ready in the open generation, in its old place."""
    back, *_ = [verbs.job(priority=priority) for priority in range(1, 100)]
    step_to(verbs, "steady", older=True)
    verbs.claim("n:1")
    verbs.run("select pgdispatch.tend_generations()")

    verbs.run("select pgdispatch.requeue(%s, 1)", back)

    assert verbs.column(back, "generation") == 2
    assert verbs.claim("n:2") == back


def test_a_job_with_a_better_priority_is_found_below_the_floor(verbs: Verbs) -> None:
    """A new place is in the open generation."""
    jobs = [verbs.job(priority=priority) for priority in range(2, 100)]
    step_to(verbs, "steady", older=True)
    verbs.claim("n:1")
    verbs.run("select pgdispatch.tend_generations()")

    verbs.run("select pgdispatch.set_priority(%s, 1)", jobs[-1])

    assert verbs.claim("n:2") == jobs[-1]


def test_a_place_changed_by_hand_is_found_below_the_floor(verbs: Verbs) -> None:
    """An owner of the table may update it at psql."""
    jobs = [verbs.job(priority=priority) for priority in range(2, 100)]
    step_to(verbs, "steady", older=True)
    verbs.claim("n:1")
    verbs.run("select pgdispatch.tend_generations()")

    verbs.run("update pgdispatch.job set priority = 1 where id = %s", jobs[-1])

    assert verbs.claim("n:2") == jobs[-1]


def test_a_sequence_that_is_ahead_after_a_restore_is_put_back(verbs: Verbs) -> None:
    """A dump reads it later than the table; the sweep notices."""
    verbs.run("select setval('pgdispatch.ready_generation', 7)")
    lost = verbs.job()
    before = verbs.claim()

    verbs.sweep()

    assert before is None
    assert verbs.claim() == lost
    assert verbs.column(verbs.job(), "generation") == 1


def test_the_last_jobs_of_the_older_generation_go_over(verbs: Verbs) -> None:
    """So that the next one can be opened; their order stays."""
    jobs = [verbs.job(priority=priority) for priority in (30, 10, 20)]
    step_to(verbs, "closing", older=True)

    step_to(verbs, "steady", older=False)

    assert {verbs.column(job, "generation") for job in jobs} == {2}
    assert verbs.drain() == [jobs[1], jobs[2], jobs[0]]


def test_many_jobs_do_not_go_over(verbs: Verbs) -> None:
    """It would cost a write for each; they are worked off where they are."""
    verbs.run(
        "insert into pgdispatch.job (type) select 'system' from pg_catalog.generate_series(1, %s)",
        STAY,
    )
    step_to(verbs, "steady", older=True)

    for _ in range(3):
        verbs.tend()

    assert verbs.value("select count(*) from pgdispatch.job where generation = 1") == STAY


def test_a_claim_asks_again_while_the_job_that_is_next_goes_over(
    verbs: Verbs, other: psycopg.Connection[Any]
) -> None:
    """It must not start a lesser one because a row is held for that."""
    first, *_ = [verbs.job(priority=priority) for priority in range(1, STAY + 1)]
    step_to(verbs, "steady", older=True)
    other.execute("select pg_advisory_xact_lock(pgdispatch.lock_class('generations'), 1)")
    other.execute("select from pgdispatch.job where id = %s for update", [first])

    met = verbs.ask("n:1")
    other.rollback()

    assert met is not None
    assert met.verdict == "again"
    assert verbs.claim("n:1") == first


def test_a_turn_starts_nothing_behind_a_job_that_goes_over(
    verbs: Verbs, other: psycopg.Connection[Any]
) -> None:
    """It starts what comes before, or nothing, and asks again."""
    first, second, third, *_ = [verbs.job(priority=priority) for priority in range(1, STAY + 1)]
    step_to(verbs, "steady", older=True)
    other.execute("select pg_advisory_xact_lock(pgdispatch.lock_class('generations'), 1)")
    other.execute("select from pgdispatch.job where id = %s for update", [second])

    rows = verbs.turn([1, 2, 3])
    other.rollback()

    assert {row["id"] for row in rows if row["verdict"] == "run"} <= {first}
    assert rows[-1]["verdict"] == "contended"
    again = verbs.turn([1, 2, 3])
    assert [row["id"] for row in rows + again if row["verdict"] == "run"] == [first, second, third]


def test_a_job_held_by_a_person_is_passed_over(
    verbs: Verbs, other: psycopg.Connection[Any]
) -> None:
    """Nobody waits for him."""
    first, second = verbs.job(priority=1), verbs.job(priority=2)
    step_to(verbs, "steady", older=True)
    other.execute("select from pgdispatch.job where id = %s for update", [first])

    assert verbs.claim("n:1") == second


def test_claims_stay_cheap_while_a_snapshot_is_held(
    verbs: Verbs, other: psycopg.Connection[Any]
) -> None:
    """After five thousand jobs a claim touches hardly more than the first one did."""
    verbs.run("alter table pgdispatch.job set (autovacuum_enabled = off)")
    verbs.run(
        "insert into pgdispatch.job (type) select 'system' from pg_catalog.generate_series(1, 6000)"
    )
    other.execute("set transaction isolation level repeatable read")
    other.execute("select count(*) from pgdispatch.job")
    got = verbs.claim()
    for _ in range(5000):
        claimed = verbs.finish(got or 0, claim=True)
        got = claimed.id if claimed else None

    plan = verbs.value(
        "explain (analyze, buffers, timing off, format json) "
        f"select * from pgdispatch.finish({got}, 1, null, null, true)"
    )

    top = plan[0]["Plan"]
    assert top["Shared Hit Blocks"] + top["Shared Read Blocks"] < FEW
