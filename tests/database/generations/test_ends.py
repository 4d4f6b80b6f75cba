"""How a generation of ready jobs ends, and what claims cost beside a held snapshot."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from support.servers.embedded import Connect
from support.sessions.generations import step_to
from support.sessions.verbs import Verbs

FEW = 200
"""The blocks that a cheap claim touches at most."""

STAY = 65
"""So many jobs stay in the older generation until they are worked off; fewer may go over."""


@pytest.fixture
def other(database: str, connect: Connect) -> psycopg.Connection[Any]:
    """Give a second session, without autocommit."""
    return connect(database, autocommit=False)


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
