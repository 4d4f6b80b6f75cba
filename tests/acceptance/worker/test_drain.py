"""A node that is told to stop finishes what it can and gives back what it cannot.

All but the first run on the newest server only, to save time.
"""

from __future__ import annotations

import signal

import pytest

from support.cli.command import Finished, run_command
from support.nodes.cluster import Cluster
from support.nodes.node import Node
from support.nodes.processes import wait_until


def drain(node: Node, number: signal.Signals = signal.SIGTERM) -> None:
    """Send a signal and return once the node says that it is stopping."""
    node.send(number)
    wait_until(lambda: "stopping" in node.log)


def order(cluster: Cluster, *options: str) -> Finished:
    """Drain the node a by the command."""
    return run_command(cluster.dsn, "node", "drain", "a", *options)


def test_sigterm_lets_running_jobs_finish_and_claims_nothing_new(cluster: Cluster) -> None:
    """Exit status 0; what waits is left for other nodes."""
    job = cluster.job()
    node = cluster.start(processes=2)
    (busy,) = cluster.running(job)
    (idle,) = {"n:1", "n:2"} - {busy}
    cluster.up(idle)

    drain(node)
    wait_until(lambda: cluster.pid(idle) is None)  # a claim already on its way may still take one
    late = cluster.job("nothing")
    cluster.release(job)

    assert node.exit_status() == 0
    assert cluster.ended(job)["outcome"] == "succeeded"
    assert cluster.waiting() == [late]
    assert cluster.runs(late) == []
    assert cluster.verbs.values("select status from pgdispatch.status") == ["stopped"]
    assert node.family() == set()


@pytest.mark.usefixtures("newest_only")
def test_jobs_that_outlast_the_grace_go_back_to_the_queue_as_no_loss(cluster: Cluster) -> None:
    """One stops when asked, one has to be killed; another node runs both to their end."""
    heeding, deaf = cluster.job("block"), cluster.job("deaf")
    node = cluster.start("a", processes=2, grace=0.2)
    cluster.running(heeding, deaf)

    drain(node)

    assert node.exit_status() == 0
    assert (cluster.folder / f"heard-{deaf}").read_text() == "draining"
    assert cluster.verbs.rows("select id, state, attempt, losses from pgdispatch.job") == [
        {"id": job, "state": "ready", "attempt": 1, "losses": 0} for job in (heeding, deaf)
    ]
    cluster.release(heeding, deaf)
    cluster.start("b", processes=1)
    for job in (heeding, deaf):
        ended = cluster.ended(job)
        assert (ended["outcome"], ended["attempt"], ended["losses"]) == ("succeeded", 2, 0)
        assert len(cluster.runs(job)) == 2


@pytest.mark.usefixtures("newest_only")
def test_a_second_signal_stops_at_once(cluster: Cluster) -> None:
    """Long before the grace; the job goes back to the queue and is no loss."""
    job = cluster.job("deaf")
    node = cluster.start(grace=300)
    cluster.running(job)
    drain(node, signal.SIGINT)

    node.send(signal.SIGTERM)

    assert node.exit_status(within=5) == 0
    assert cluster.waiting() == [job]
    assert cluster.verbs.value("select losses from pgdispatch.job") == 0
    assert node.family() == set()


@pytest.mark.usefixtures("newest_only")
def test_a_signal_while_the_backgrounders_start_does_not_wait_for_the_grace(
    cluster: Cluster,
) -> None:
    """They are told to end before there is anybody to tell, and end when they are there."""
    node = cluster.start(processes=2, grace=300)
    signed_on = "select count(*) from pgdispatch.node where heartbeat_at is not null"
    wait_until(lambda: cluster.verbs.value(signed_on) == 1)

    node.send(signal.SIGTERM)

    assert node.exit_status() == 0
    assert node.family() == set()


@pytest.mark.usefixtures("newest_only")
def test_a_node_that_drains_within_a_time_is_empty_then_and_nothing_is_lost(
    cluster: Cluster,
) -> None:
    """One ends by itself, one stops when asked, one is killed: no failure; then it is idle.

    The command is another machine's, and waits. Handlers know at once; a resume takes it back.
    """
    short, heeding, deaf = (cluster.job(do) for do in ("heed", "block", "deaf"))
    node = cluster.start("a", processes=3)
    cluster.running(short, heeding, deaf)

    plain = order(cluster)
    ended = cluster.ended(short)
    waited = order(cluster, "--within", "3s", "--wait", "--json")

    assert plain.out == "node a takes no new jobs\n"
    assert ended["outcome"] == "succeeded"
    (facts,) = waited.rows()
    assert (waited.status, facts["node"], facts["busy"]) == (0, "a", 0)
    assert (cluster.folder / f"heard-{deaf}").read_text() == "draining"
    assert cluster.verbs.rows(
        "select id, state, attempt, losses, failures from pgdispatch.job order by id"
    ) == [
        {"id": job, "state": "ready", "attempt": 1, "losses": 0, "failures": 0}
        for job in (heeding, deaf)
    ]
    node.check()
    cluster.release(heeding, deaf)
    run_command(cluster.dsn, "node", "resume", "a")
    for job in (heeding, deaf):
        assert (cluster.ended(job)["outcome"], len(cluster.runs(job))) == ("succeeded", 2)


@pytest.mark.usefixtures("newest_only")
def test_a_drain_within_a_time_outlives_a_crash_and_ends_with_an_orderly_stop(
    cluster: Cluster,
) -> None:
    """That gives jobs no more than what is left of the drain, however long the grace."""
    first = cluster.start("a", processes=1)
    cluster.up("a:1")
    order(cluster, "--within", "1h")
    first.send_all(signal.SIGKILL)
    first.exit_status()
    waiting = cluster.job("nothing")
    second = cluster.start("a", processes=1, grace=300)
    wait_until(lambda: "taken over" in second.log)
    cluster.up("a:1")
    reason = cluster.verbs.value("select reason from pgdispatch.queue")
    run_command(cluster.dsn, "node", "resume", "a")
    cluster.ended(waiting)
    deaf = cluster.job("deaf")
    cluster.running(deaf)

    order(cluster, "--within", "4s")
    drain(second)

    assert second.exit_status() == 0
    assert reason == "paused (a drained)"
    assert cluster.verbs.row("select is_drained, drain_ends_at from pgdispatch.node") == {
        "is_drained": False,
        "drain_ends_at": None,
    }
    assert cluster.waiting() == [deaf]
    assert cluster.verbs.value("select losses from pgdispatch.job") == 0
