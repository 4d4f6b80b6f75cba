"""The clock: any node creates the jobs of a schedule when it is due, and only one does."""

from __future__ import annotations

import signal
from functools import partial

import psycopg
import pytest

from support.nodes.cluster import Cluster
from support.nodes.processes import wait_until

DUE = """
update pgdispatch.schedule
set next_run_at = date_trunc('day', pgdispatch.now(), 'UTC') - interval '21 hours 30 minutes'
"""
HANGS = """
select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'tick|sweep'
"""
IS_DUE = "select count(*) from pgdispatch.schedule where next_run_at <= pgdispatch.now()"


def test_a_due_schedule_is_fired_once_by_whichever_node(cluster: Cluster) -> None:
    """One job for its task; the schedule's next time lies ahead."""
    cluster.verbs.schedule("nightly", recurrence="daily at 02:30")
    task = cluster.verbs.task("flow", schedule="nightly", args='{"do": "nothing"}')
    for name in ("a", "b"):
        cluster.start(name, processes=1)
        cluster.up(f"{name}:1")

    cluster.verbs.run(DUE)
    wait_until(lambda: cluster.verbs.value(IS_DUE) == 0)
    wait_until(lambda: bool(history(cluster)))

    assert history(cluster) == [{"task": task, "outcome": "succeeded"}]
    assert cluster.waiting() == []


@pytest.mark.usefixtures("newest_only")
def test_another_node_takes_the_clock_over_when_one_is_killed(cluster: Cluster) -> None:
    """Without waiting for the lease of the one that died."""
    cluster.verbs.schedule("nightly", recurrence="daily at 02:30")
    cluster.verbs.task("flow", schedule="nightly", args='{"do": "nothing"}')
    first = cluster.start("a", processes=1)
    cluster.start("b", processes=1)
    for name in ("a:1", "b:1"):
        cluster.up(name)
    first.send(signal.SIGKILL)

    cluster.verbs.run(DUE)
    wait_until(lambda: bool(history(cluster)), within=5)
    wait_until(lambda: not first.family())

    assert [row["outcome"] for row in history(cluster)] == ["succeeded"]


@pytest.mark.usefixtures("newest_only")
def test_a_node_lives_while_its_clock_hangs(cluster: Cluster) -> None:
    """The heartbeat does not wait for it."""
    cluster.start(processes=1)
    cluster.up("n:1")
    since = "select count(*) from pgdispatch.node where heartbeat_at > %s"

    with psycopg.connect(cluster.dsn) as rival:
        rival.execute("lock table pgdispatch.schedule in access exclusive mode")
        wait_until(lambda: cluster.verbs.value(HANGS) == 1)
        for _ in range(2):
            before = cluster.verbs.value("select heartbeat_at from pgdispatch.node")
            wait_until(partial(is_one, cluster, since, before), within=5)
        hangs = cluster.verbs.value(HANGS)

    assert hangs == 1


def is_one(cluster: Cluster, question: str, *values: object) -> bool:
    """Tell whether the answer to a question is 1."""
    return bool(cluster.verbs.value(question, *values) == 1)


def history(cluster: Cluster) -> list[dict[str, object]]:
    """Return the tasks and outcomes of the jobs that have ended."""
    return cluster.verbs.rows("select task, outcome from pgdispatch.job_history")
