"""One turn for all backgrounders of a node: what is lost on the way, held, slow or large.

On the newest server only: nothing here is the server's.
"""

from __future__ import annotations

import os
import signal

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from support.nodes.cluster import Cluster
from support.nodes.processes import is_alive, memory_holds, wait_until
from support.servers.embedded import Connect
from support.servers.tcp_proxy import open_proxy

pytestmark = pytest.mark.usefixtures("newest_only")
APP = "support.nodes.unruly_app"
SESSIONS = """
select application_name from pg_stat_activity
where application_name ~ '^pgdispatch n( |$)' order by 1
"""
WAITING = """
select from pg_stat_activity
where application_name = 'pgdispatch n turns' and wait_event_type = 'Lock'
"""
RUNNING = "select from pgdispatch.job where id = %s and state = 'running'"


def test_a_turn_whose_answer_was_lost_ends_nothing_twice_and_gives_back_what_nobody_runs(
    cluster: Cluster,
) -> None:
    """It was committed: one job ended by it, and another started for a process that never heard."""
    first = cluster.job()
    with open_proxy(cluster.dsn) as proxy:
        node = cluster.start(processes=1, dsn=proxy.dsn(cluster.dsn))
        cluster.running(first)
        second = cluster.job("nothing")
        proxy.lose_answers()
        cluster.release(first)
        wait_until(lambda: bool(cluster.verbs.rows(RUNNING, second)))

        proxy.cut()
        ended = [cluster.ended(job) for job in (first, second)]

    assert [(job["outcome"], job["attempt"], job["losses"]) for job in ended] == [
        ("succeeded", 1, 0),
        ("succeeded", 2, 0),
    ]
    assert cluster.runs() == [f"{first} 1 n:1", f"{second} 2 n:1"]
    assert "result dropped" not in node.log
    assert "has no process" not in node.log


def test_a_process_that_dies_before_it_has_begun_its_job_costs_the_job_nothing(
    cluster: Cluster,
) -> None:
    """No failure, no loss: nobody has seen it."""
    node = cluster.start(processes=1)
    pid = cluster.up("n:1")
    os.kill(pid, signal.SIGSTOP)
    job = cluster.job("nothing")
    wait_until(lambda: bool(cluster.verbs.rows(RUNNING, job)))

    os.kill(pid, signal.SIGKILL)
    ended = cluster.ended(job)

    assert (ended["outcome"], ended["attempt"]) == ("succeeded", 2)
    assert (ended["losses"], ended["failures"]) == (0, 0)
    assert cluster.runs() == [f"{job} 2 n:1"]
    wait_until(lambda: f"n:1: job {job}, system of site default: not begun" in node.log)


def test_a_process_ends_its_own_attempt_once_and_no_other(cluster: Cluster) -> None:
    """What reports twice, or for another, is replaced; the other goes on."""
    node = cluster.start(app=APP, processes=2)
    pids = {cluster.up("n:1"), cluster.up("n:2")}
    other = cluster.job("numb")
    cluster.running(other)
    twice = cluster.ended(cluster.job("report twice"))
    wait_until(lambda: sum(map(is_alive, pids)) == 1)

    liar = cluster.job(args=f'{{"do": "report another", "other": {other}}}')
    lied = cluster.ended(liar)
    still = cluster.verbs.rows(RUNNING, other)
    cluster.release(other)

    assert twice["outcome"] == "succeeded"
    assert (lied["outcome"], lied["failed_as"]) == ("failed", "killed")
    assert f"reported the end of job {other}, attempt 1, which it does not have" in lied["error"]
    assert still != []
    assert cluster.ended(other)["outcome"] == "succeeded"
    assert node.log.count("which it does not have, replaced") == 2


def test_results_of_any_size_are_kept_while_others_go_on(cluster: Cluster) -> None:
    """More of them at once than a node keeps: they wait in their processes."""
    size = 30 << 20
    large = [cluster.job(args=f'{{"do": "large", "size": {size}}}') for _ in range(4)]
    small = [cluster.job("nothing") for _ in range(50)]
    cluster.start(processes=5)

    outcomes = {cluster.ended(job, within=90)["outcome"] for job in (*small, *large)}

    assert outcomes == {"succeeded"}
    kept = "select length(result->>'text') from pgdispatch.job_history where result is not null"
    assert cluster.verbs.values(kept) == [size] * len(large)


def test_what_ends_during_a_slow_turn_ends_with_the_next_one(
    cluster: Cluster, connect: Connect
) -> None:
    """As while an upgrade holds the queue: all that gathers goes at once."""
    jobs = [cluster.job() for _ in range(5)]
    cluster.start(processes=5)
    cluster.running(*jobs)
    upgrade = connect(cluster.dsn)
    upgrade.execute("begin; lock table pgdispatch.job in access exclusive mode")

    cluster.release(jobs[0])
    wait_until(lambda: bool(cluster.verbs.rows(WAITING)))
    cluster.release(*jobs[1:])
    wait_until(lambda: all((cluster.folder / f"done-{job}").exists() for job in jobs))
    upgrade.execute("commit")

    assert {cluster.ended(job)["outcome"] for job in jobs} == {"succeeded"}
    turns = "select count(distinct xmin::text) from pgdispatch.job_history where id = any (%s)"
    assert cluster.verbs.value(turns, jobs[1:]) == 1


def test_a_person_who_holds_a_running_job_holds_up_nobody_else(
    cluster: Cluster, connect: Connect
) -> None:
    """Its end is told when the row is free; the other backgrounder goes on meanwhile."""
    held = cluster.job()
    cluster.start(processes=2)
    (name,) = cluster.running(held)
    person = connect(cluster.dsn)
    person.execute("begin")
    person.execute("select pgdispatch.cancel(%s, 'perhaps')", [held])

    cluster.release(held)
    wait_until((cluster.folder / f"done-{held}").exists)
    others = [cluster.ended(cluster.job("nothing")) for _ in range(5)]
    still = cluster.verbs.rows(RUNNING, held)
    person.execute("rollback")

    assert {job["outcome"] for job in others} == {"succeeded"}
    assert name not in {job["backgrounder"] for job in others}
    assert still != []
    ended = cluster.ended(held)
    assert (ended["outcome"], ended["attempt"], cluster.runs(held)) == ("succeeded", 1, [name])


def test_a_node_has_three_connections_however_many_backgrounders(cluster: Cluster) -> None:
    """Turns; listening and heartbeat; what may take longer."""
    jobs = [cluster.job() for _ in range(8)]
    cluster.start(processes=8)
    cluster.running(*jobs)

    cluster.release(*jobs)
    for job in jobs:
        cluster.ended(job)

    assert cluster.verbs.values(SESSIONS) == [
        "pgdispatch n",
        "pgdispatch n listens",
        "pgdispatch n turns",
    ]


@pytest.mark.parametrize("form", ["environment", "option"])
def test_a_backgrounder_knows_no_way_to_the_queue(cluster: Cluster, form: str) -> None:
    """Neither a driver nor the connection string is in its memory, nor in its environment."""
    hidden = "/no/such/file-of-sesame"
    dsn = make_conninfo(cluster.dsn, passfile=hidden)
    job = cluster.job("imports")
    more = () if form == "environment" else ("--dsn", dsn)
    cluster.start(processes=1, dsn=dsn, more=more)
    ended = cluster.ended(job)

    found = memory_holds(cluster.up("n:1"), hidden.encode())

    assert ended["result"] == {"drivers": [], "dsn": None, "opentelemetry": False}
    assert not found
    assert memory_holds(cluster.up("n:1"), b"PGDISPATCH_TEST_FOLDER")


def test_the_connection_string_reaches_a_procedure_that_needs_it(
    cluster: Cluster, connect: Connect
) -> None:
    """It is the one that names no other database."""
    connection: psycopg.Connection = connect(cluster.dsn)
    connection.execute(
        "create procedure public.note(p_job jsonb) language plpgsql "
        "as $$ begin raise notice 'at %', current_database(); end $$"
    )
    (cluster.folder / "handlers.toml").write_text('[handler.flow]\nprocedure = "public.note"')

    cluster.start(app=None, processes=1, config="handlers.toml")

    ended = cluster.ended(cluster.job("nothing", type="flow"))
    assert (ended["outcome"], ended["log"]) == ("succeeded", f"at {connection.info.dbname}")
