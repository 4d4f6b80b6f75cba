"""Nodes: one supervisor holds a name, says that it is alive, and gets its orders."""

from __future__ import annotations

import uuid
from datetime import timedelta

import psycopg
import pytest

from support.sessions.clock import Clock
from support.sessions.verbs import Verbs


def heartbeat(verbs: Verbs, node: str, incarnation: uuid.UUID) -> int:
    """Send a sign of life; return how many backgrounders to run."""
    query = "select backgrounders from pgdispatch.heartbeat(%s, %s)"
    return int(verbs.value(query, node, incarnation))


def test_heartbeat_tells_how_many_backgrounders_to_run(verbs: Verbs) -> None:
    """An administrator changes the number from any machine."""
    incarnation = verbs.register("etl", backgrounders=2)
    assert heartbeat(verbs, "etl", incarnation) == 2

    verbs.run("update pgdispatch.node set backgrounders = 4")

    assert heartbeat(verbs, "etl", incarnation) == 4


def test_name_of_a_live_node_is_not_given_to_another_supervisor(verbs: Verbs) -> None:
    """SQLSTATE JD007, saying who has it."""
    verbs.register("etl")

    with pytest.raises(psycopg.Error, match="node etl already has a live supervisor") as refused:
        verbs.register("etl")

    assert refused.value.sqlstate == "JD007"
    assert "4711" in str(refused.value.diag.message_detail)


def test_name_is_free_after_the_lease_and_the_former_holder_learns_of_it(
    verbs: Verbs, clock: Clock
) -> None:
    """The former one's heartbeat is refused from then on."""
    former = verbs.register("etl")
    clock.advance(15)
    verbs.register("etl")

    with pytest.raises(psycopg.Error) as refused:
        heartbeat(verbs, "etl", former)

    assert refused.value.sqlstate == "JD007"


TAKE_OVER = "select pgdispatch.register_node('etl', %s, p_process => 'new', p_gone => %s)"


def test_name_of_one_that_is_no_more_is_taken_over_at_once_with_its_jobs(verbs: Verbs) -> None:
    """All in one transaction; the holder is known by its incarnation, and says which it is."""
    former, new = verbs.register("etl"), uuid.uuid4()
    job = verbs.job()
    verbs.claim("etl:1")
    assert verbs.column(job, "incarnation") == former

    verbs.run(TAKE_OVER, new, former)

    assert (verbs.state(job), verbs.column(job, "losses")) == ("waiting", 1)
    assert verbs.column(job, "incarnation") is None
    holder = verbs.row("select * from pgdispatch.node_holder('etl')")
    assert holder == {"incarnation": new, "process": "new"}


def test_name_is_not_taken_over_from_another_than_the_one_seen_to_be_no_more(
    verbs: Verbs,
) -> None:
    """A third one may have been quicker."""
    former, third = verbs.register("etl"), uuid.uuid4()
    verbs.run(TAKE_OVER, third, former)

    with pytest.raises(psycopg.Error, match="node etl already has a live supervisor"):
        verbs.run(TAKE_OVER, uuid.uuid4(), former)

    assert verbs.value("select incarnation from pgdispatch.node_holder('etl')") == third


def test_supervisor_of_a_former_version_does_not_say_which_process_it_is(verbs: Verbs) -> None:
    """So it is waited for; a name that nobody holds has no row."""
    former = verbs.register("etl")
    verbs.run("select pgdispatch.deregister_node('etl', %s)", former)
    assert verbs.rows("select * from pgdispatch.node_holder('etl')") == []
    again = verbs.register("etl")

    holder = verbs.row("select * from pgdispatch.node_holder('etl')")

    assert holder == {"incarnation": again, "process": None}


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_attempts_of_a_node_are_told_as_spans(verbs: Verbs, is_cancelled: bool) -> None:
    """Its supervisor measures them."""
    job = verbs.job(timeout=timedelta(seconds=100))
    verbs.claim("etl:1")
    if is_cancelled:
        verbs.cancel(job)

    assert verbs.rows("select * from pgdispatch.node_attempts('etl')") == [
        {
            "job": job,
            "attempt": 1,
            "is_cancelled": is_cancelled,
            "timeout": 100.0,
            "cancel_grace": 10.0,
            "overrun_grace": 1800.0,
            "is_drained": False,
            "drain_ends_at": None,
            "drain_left": None,
        }
    ]
    assert verbs.rows("select * from pgdispatch.node_attempts('other')") == []


def test_lateness_is_from_the_schedule_to_the_first_start(verbs: Verbs, clock: Clock) -> None:
    """However often it was tried; without a schedule from when it was added, or due."""
    verbs.run("update pgdispatch.setting set value = '1' where name = 'retry_base_seconds'")
    verbs.task(schedule=verbs.schedule("nightly"), priority=1, max_attempts=2)
    verbs.run("select pgdispatch.fire('nightly', %s)", clock.now - timedelta(hours=2))
    late = verbs.value("select id from pgdispatch.job")
    put_off = verbs.job(not_before=clock.now + timedelta(seconds=30), priority=2)
    clock.advance(60)
    assert verbs.claim("n:1") == late
    clock.advance(600)
    verbs.fail(late)
    for job in (late, put_off):
        clock.advance(10)
        assert verbs.claim("n:1") == job
        verbs.finish(job)

    rows = verbs.rows(
        "select job, wait_seconds from pgdispatch.node_metrics('n', %s, %s)",
        [late, put_off],
        [2, 1],
    )

    assert {row["job"]: row["wait_seconds"] for row in rows} == {late: 7260.0, put_off: 650.0}


def test_deregistered_name_is_free_at_once(verbs: Verbs) -> None:
    """And the node counts as stopped."""
    incarnation = verbs.register("etl")

    verbs.run("select pgdispatch.deregister_node('etl', %s)", incarnation)

    assert verbs.value("select status from pgdispatch.status") == "stopped"
    verbs.register("etl")


def test_deregister_by_a_former_supervisor_changes_nothing(verbs: Verbs) -> None:
    """The name belongs to somebody else."""
    holder = verbs.register("etl")

    verbs.run("select pgdispatch.deregister_node('etl', %s)", uuid.uuid4())

    assert heartbeat(verbs, "etl", holder)


@pytest.mark.parametrize(
    ("seconds", "stop", "is_kill"),
    [(99, None, False), (101, "timed out", False), (1901, "timed out", True)],
)
def test_orders_name_jobs_that_overrun(
    verbs: Verbs, clock: Clock, seconds: int, stop: str | None, is_kill: bool
) -> None:
    """Asked at the timeout, killed 1800 s after it."""
    job = verbs.job(timeout=timedelta(seconds=100))
    verbs.claim("etl:1")
    clock.advance(seconds)

    orders = verbs.rows("select * from pgdispatch.node_orders('etl')")

    assert orders == [
        {"job": job, "attempt": 1, "backgrounder": "etl:1", "stop": stop, "is_kill": is_kill}
    ]


@pytest.mark.parametrize(("seconds", "is_kill"), [(0, False), (11, True)])
def test_orders_name_jobs_to_be_cancelled(
    verbs: Verbs, clock: Clock, seconds: int, is_kill: bool
) -> None:
    """Killed after the grace."""
    job = verbs.job()
    verbs.claim("etl:1")
    verbs.cancel(job)
    clock.advance(seconds)

    order = verbs.row("select stop, is_kill from pgdispatch.node_orders('etl')")

    assert order == {"stop": "cancelled", "is_kill": is_kill}


def test_orders_leave_out_other_nodes(verbs: Verbs) -> None:
    """Each supervisor sees to its own."""
    verbs.job()
    verbs.claim("etl:1")

    assert verbs.rows("select * from pgdispatch.node_orders('other')") == []


@pytest.mark.parametrize("verb", ["stop_backgrounder", "recover"])
def test_job_of_a_backgrounder_that_is_gone_goes_back(verbs: Verbs, verb: str) -> None:
    """It spends no retry, and its id is returned."""
    verbs.register("etl")
    verbs.run("select pgdispatch.start_backgrounder('etl:1', 4712)")
    job = verbs.job()
    verbs.claim("etl:1")

    assert verbs.value(f"select pgdispatch.{verb}('etl:1')") == job
    assert verbs.state(job) == "waiting"
    assert verbs.column(job, "losses") == 0
    assert verbs.value(f"select pgdispatch.{verb}('etl:1')") is None


@pytest.mark.parametrize("name", [None, "", ".x", "a b", "x" * 64, "a:1", "a/b"])
def test_wrong_node_name_is_refused(verbs: Verbs, name: str | None) -> None:
    """SQLSTATE JD001."""
    with pytest.raises(psycopg.Error) as refused:
        verbs.run("select pgdispatch.register_node(%s, %s)", name, uuid.uuid4())

    assert refused.value.sqlstate == "JD001"


def test_unknown_type_of_a_node_is_refused(verbs: Verbs) -> None:
    """SQLSTATE JD001, naming the types there are."""
    with pytest.raises(psycopg.Error) as refused:
        verbs.register("etl", types=["flow", "flown"])

    assert refused.value.sqlstate == "JD001"
    assert "full_extract" in str(refused.value.diag.message_hint)


@pytest.mark.parametrize(("is_idle", "told"), [(True, ["ready"]), (False, [])])
def test_insert_notifies_only_if_somebody_is_idle(
    verbs: Verbs, is_idle: bool, told: list[str]
) -> None:
    """Once for a transaction, however many jobs."""
    incarnation = verbs.register("etl")
    verbs.run("select pgdispatch.heartbeat('etl', %s, %s)", incarnation, is_idle)
    verbs.run("listen pgdispatch")
    with verbs.connection.transaction():
        verbs.job()
        verbs.job()
    verbs.run("notify pgdispatch, 'end'")

    heard = [notify.payload for notify in verbs.connection.notifies(timeout=0.2)]

    assert heard == [*told, "end"]
