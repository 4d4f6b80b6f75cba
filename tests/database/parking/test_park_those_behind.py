"""A long run of jobs that wait for one gate is parked together."""

from __future__ import annotations

from support.servers.embedded import Connect
from support.sessions.verbs import Claimed, Verbs

PARKED = "select count(*) from pgdispatch.job where state = 'parked'"


def test_claim_asks_to_come_again_instead_of_parking_without_end(verbs: Verbs) -> None:
    """One call parks a bounded number of jobs and keeps that work."""
    verbs.job(datasource="sales")
    verbs.claim("n:1")
    verbs.run(
        "insert into pgdispatch.job (type, datasource) "
        "select 'system', 'sales' from pg_catalog.generate_series(1, 1200)"
    )
    last = verbs.job(priority=51)

    asked = verbs.row("select verdict, more from pgdispatch.claim('n:2')")

    assert asked == {"verdict": "again", "more": True}
    assert 0 < verbs.value(PARKED) < 1200
    assert verbs.ask("n:2") == Claimed("run", last, 1)


def test_claim_parks_the_jobs_behind_one_that_need_the_same_gate_along_with_it(
    verbs: Verbs,
) -> None:
    """Up to the first that needs another; the others are met one by one."""
    verbs.site("acme", 5)
    running = verbs.job(datasource="sales")
    verbs.claim("n:1")
    run = [verbs.job(datasource="sales", priority=10) for _ in range(3)]
    other_site = verbs.job(datasource="sales", site="acme", priority=11)
    two_gates = verbs.job(datasource="sales", schedule=verbs.schedule("s", "serial"), priority=12)

    assert verbs.claim("n:2") == other_site
    assert {verbs.column(job, "gate") for job in run} == {"datasource/default/sales"}
    assert {tuple(verbs.column(job, "parked_gates")) for job in run} == {
        ("datasource/default/sales",)
    }
    assert verbs.column(two_gates, "state") == "ready"
    verbs.finish(other_site)
    verbs.finish(running)
    assert [verbs.claim("n:1"), verbs.claim("n:2")] == [run[0], None]


def test_a_job_that_somebody_holds_is_not_parked_along_with_others(
    verbs: Verbs, database: str, connect: Connect
) -> None:
    """It is met again once it is free."""
    verbs.job(datasource="sales")
    verbs.claim("n:1")
    _, held = verbs.job(datasource="sales"), verbs.job(datasource="sales")
    person = connect(database, autocommit=False)
    person.execute("select from pgdispatch.job where id = %s for update", [held])

    met = verbs.claim("n:2")
    person.rollback()

    assert met is None
    assert verbs.column(held, "state") == "ready"
    assert verbs.claim("n:2") is None
    assert verbs.column(held, "state") == "parked"
