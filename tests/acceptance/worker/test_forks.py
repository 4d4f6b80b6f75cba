"""Handlers that fork, and whose child comes back out of the handler: it reports and claims nothing.

On the newest server only: nothing here is the server's.
"""

from __future__ import annotations

import pytest

from support.nodes.cluster import Cluster
from support.nodes.processes import children_of, wait_until

pytestmark = pytest.mark.usefixtures("newest_only")
APP = "support.nodes.unruly_app"


def test_a_child_that_comes_back_leaves_and_its_parent_ends_the_job(cluster: Cluster) -> None:
    """With the status of a program that ends so; progress and log are the parent's alone."""
    expected = {
        ("system", "return"): 0,
        ("system", "raise"): 1,
        ("system", "exit"): 3,
        ("system", "exit in words"): 1,
        ("system", "thread"): 0,
        ("alert", "return"): 0,
        ("alert", "raise"): 1,
        ("alert", "exit"): 3,
    }
    node = cluster.start(app=APP, processes=1)
    pid = cluster.up("n:1")
    jobs = {key: cluster.job(key[1], type=key[0]) for key in expected}

    ended = {key: cluster.ended(job) for key, job in jobs.items()}

    found = {key: (job["outcome"], job["result"]) for key, job in ended.items()}
    assert found == {key: ("succeeded", {"status": code}) for key, code in expected.items()}
    assert cluster.runs() == [f"{job} 1 n:1" for job in jobs.values()]
    assert {job["progress_note"] for job in ended.values()} <= {None, "the parent"}
    assert {job["log"] for job in ended.values()} == {None}
    assert (cluster.pid("n:1"), children_of(pid)) == (pid, set())
    assert "dropped" not in node.log


def test_a_child_made_while_the_application_is_imported_serves_nothing(cluster: Cluster) -> None:
    """It would say that it is ready, with the types that it has, and take half of the messages."""
    node = cluster.start(app=APP, processes=2, environment={"PGDISPATCH_TEST_FORKS": "1"})
    pids = {cluster.up("n:1"), cluster.up("n:2")}

    ended = [cluster.ended(cluster.job("nothing")) for _ in range(4)]

    assert [job["outcome"] for job in ended] == ["succeeded"] * 4
    wait_until(lambda: all(children_of(pid) == set() for pid in pids))
    assert cluster.verbs.values("select types from pgdispatch.node") == [["alert", "system"]]
    assert "flow" not in node.log
