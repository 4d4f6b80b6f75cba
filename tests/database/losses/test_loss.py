"""A node that falls silent loses its jobs; a long job on a healthy node is never taken for dead."""

from __future__ import annotations

import uuid

import psycopg
import pytest

from support.servers.embedded import Connect
from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True

LATER = "select pg_postmaster_start_time() + interval '1 day'"


@pytest.fixture
def clock(verbs: Verbs) -> Clock:
    """Stop the clock a day after the server's start: nobody is lost before that is a lease ago."""
    clock = Clock(verbs.connection)
    clock.set(verbs.value(LATER))
    return clock


def heartbeat(verbs: Verbs, node: str, incarnation: uuid.UUID) -> int:
    """Send a sign of life."""
    query = "select backgrounders from pgdispatch.heartbeat(%s, %s)"
    return int(verbs.value(query, node, incarnation))


def lost(verbs: Verbs, clock: Clock, seconds: int) -> int:
    """Let time pass while a supervisor looks for lost nodes; return how many jobs were lost."""
    count = 0
    for passed in (*[5] * (seconds // 5), seconds % 5):
        clock.advance(passed)
        count += verbs.value("select pgdispatch.declare_lost()")
    return count


def watch(verbs: Verbs, clock: Clock) -> None:
    """Let a supervisor look for long enough to be sure: nobody is lost before that."""
    assert lost(verbs, clock, 20) == 0


def test_new_supervisor_takes_back_what_the_former_one_left_running(
    verbs: Verbs, clock: Clock
) -> None:
    """Those jobs are lost: their processes died with it."""
    verbs.register("etl")
    job = verbs.job()
    verbs.claim("etl:1")
    clock.advance(60)

    verbs.register("etl")

    assert verbs.state(job) == "waiting"
    assert verbs.column(job, "losses") == 1


def test_silent_node_loses_its_jobs_after_the_lease(verbs: Verbs, clock: Clock) -> None:
    """Not before; they go back to their old place."""
    watch(verbs, clock)
    verbs.register("etl")
    job, other = verbs.job(), verbs.job()
    verbs.claim("etl:1")
    assert lost(verbs, clock, 14) == 0

    assert lost(verbs, clock, 2) == 1
    assert verbs.values("select job from pgdispatch.queue") == [job, other]


def test_long_job_on_a_live_node_is_not_lost(verbs: Verbs, clock: Clock) -> None:
    """However long it runs."""
    watch(verbs, clock)
    incarnation = verbs.register("etl")
    job = verbs.job()
    verbs.claim("etl:1")
    for _ in range(100):
        heartbeat(verbs, "etl", incarnation)
        assert lost(verbs, clock, 14) == 0

    assert verbs.state(job) == "running"


def test_nobody_is_lost_before_the_server_has_been_up_for_a_lease(
    verbs: Verbs, clock: Clock
) -> None:
    """Another run of it is not a lost node, whatever its clock says of its start."""
    watch(verbs, clock)
    verbs.run("update pgdispatch.watch set server_started_at = '-infinity'")
    job = verbs.job()
    verbs.claim("etl:1")
    verbs.run("update pgdispatch.job set started_at = '-infinity'")

    assert lost(verbs, clock, 14) == 0
    assert lost(verbs, clock, 6) == 1
    assert verbs.state(job) == "waiting"


def test_nobody_is_lost_before_heartbeats_were_watched_for_a_lease(
    verbs: Verbs, clock: Clock
) -> None:
    """While the database was away nobody could send one: a fail-over is not a lost node."""
    watch(verbs, clock)
    verbs.register("etl")
    verbs.job()
    verbs.claim("etl:1")
    clock.advance(3600)

    assert lost(verbs, clock, 14) == 0
    assert lost(verbs, clock, 6) == 1


def test_job_that_lost_its_node_too_often_fails_as_lost(verbs: Verbs, clock: Clock) -> None:
    """The third time, by default."""
    watch(verbs, clock)
    job = verbs.job()
    for _ in range(3):
        verbs.claim("etl:1")
        lost(verbs, clock, 16)

    past = verbs.past(job)
    assert (past["outcome"], past["failed_as"], past["losses"]) == ("failed", "lost", 3)


def test_lost_jobs_let_others_in_at_their_gates(verbs: Verbs, clock: Clock) -> None:
    """Several jobs of one node, with gates in common."""
    watch(verbs, clock)
    verbs.site("acme", 2)
    jobs = [verbs.job(site="acme", datasource=name, priority=9) for name in "ab"]
    assert [verbs.claim("etl:1"), verbs.claim("etl:2")] == jobs
    better = [verbs.job(site="acme", datasource=name, priority=1) for name in "ab"]
    assert verbs.claim("other:1") is None

    assert lost(verbs, clock, 16) == 2
    assert [verbs.claim(f"other:{n}") for n in (1, 2, 3)] == [*better, None]


def test_cancelled_job_of_a_lost_node_ends_as_cancelled(verbs: Verbs, clock: Clock) -> None:
    """It does not run again."""
    watch(verbs, clock)
    job = verbs.job()
    verbs.claim("etl:1")
    verbs.cancel(job)
    lost(verbs, clock, 16)

    assert verbs.state(job) == "cancelled"


def test_node_that_somebody_is_editing_loses_nothing(
    verbs: Verbs, clock: Clock, connect: Connect, database: str
) -> None:
    """His open transaction keeps the heartbeat waiting; the node itself may be well."""
    watch(verbs, clock)
    verbs.register("etl")
    verbs.job()
    verbs.claim("etl:1")
    with connect(database) as editor, editor.transaction():
        editor.execute("update pgdispatch.node set backgrounders = 2 where name = 'etl'")

        held = lost(verbs, clock, 20)

    assert held == 0
    assert lost(verbs, clock, 5) == 1


def test_node_that_is_up_cannot_be_deleted(verbs: Verbs) -> None:
    """Its supervisor would kill all its jobs."""
    verbs.register("etl")

    with pytest.raises(psycopg.Error, match="node etl is up and cannot be deleted"):
        verbs.run("delete from pgdispatch.node where name = 'etl'")
