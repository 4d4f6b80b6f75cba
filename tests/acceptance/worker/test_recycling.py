"""What one job leaves to the next: neither its memory nor its state; and when processes change.

On the newest server only: nothing here is the server's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from support.nodes.cluster import Cluster
from support.nodes.node import POWERLESS, Node
from support.nodes.processes import is_alive, wait_until

pytestmark = pytest.mark.usefixtures("newest_only")
APP = "support.nodes.greedy_app"


def start(cluster: Cluster, **options: Any) -> Node:
    """Start a node of one backgrounder with the greedy application."""
    return cluster.start(**{"app": APP, "processes": 1, **options})


def insert(cluster: Cluster, do: str, mb: int = 0, **columns: Any) -> int:
    """Insert a job that does something, with so many MB."""
    return cluster.verbs.job(**{"args": json.dumps({"do": do, "mb": mb}), **columns})


def done(cluster: Cluster, jobs: Sequence[int]) -> list[int]:
    """Wait until jobs have ended well, at the first attempt; return the processes that ran them."""
    ended = [cluster.ended(job, within=60) for job in jobs]
    assert [(job["outcome"], job["attempt"], job["error"]) for job in ended] == [
        ("succeeded", 1, None) for _ in jobs
    ]
    return [job["result"]["pid"] for job in ended]


def was_weighed(cluster: Cluster, job: int) -> None:
    """Wait until a job has started, and a second process has been found too heavy since."""
    wait_until((cluster.folder / f"started-{job}").exists)
    cluster.verbs.run("update pgdispatch.node set backgrounders = 2")
    greedy = insert(cluster, "eat")
    assert cluster.ended(greedy, within=60)["error"].startswith("too much memory: used ")


@pytest.mark.parametrize("inside", [(), POWERLESS], ids=["root", "nobody"])
def test_a_job_is_not_blamed_for_what_those_before_it_have_kept(
    cluster: Cluster, inside: Sequence[str]
) -> None:
    """Three have kept 60 MB each, as the supervisor can tell without the powers of root, too."""
    start(cluster, memory="100MB", more=["--recycle-memory", "1GB"], inside=inside)
    before = done(cluster, [insert(cluster, "keep", 60) for _ in range(3)])

    job = insert(cluster, "hold", 60)
    was_weighed(cluster, job)
    cluster.release(job)

    assert done(cluster, [job]) == [before[0]]
    assert len(set(before)) == 1


def test_a_job_is_blamed_for_what_it_uses_itself(cluster: Cluster) -> None:
    """Beside those 240 MB, which the text does not count."""
    start(cluster, memory="100MB", more=["--recycle-memory", "1GB"])
    done(cluster, [insert(cluster, "keep", 60) for _ in range(4)])

    error = cluster.ended(insert(cluster, "hold", 150))["error"]

    assert 100 < int(error.removeprefix("too much memory: used ").split()[0]) < 170


@pytest.mark.parametrize("inside", [(), POWERLESS], ids=["root", "nobody"])
def test_a_job_is_not_blamed_for_children_of_those_before_it(
    cluster: Cluster, inside: Sequence[str]
) -> None:
    """Two jobs have left one each, of 60 MB."""
    start(cluster, memory="100MB", more=["--recycle-memory", "1GB"], inside=inside)
    before = done(cluster, [insert(cluster, "child", 60) for _ in range(2)])

    job = insert(cluster, "hold", 60)
    was_weighed(cluster, job)
    cluster.release(job)

    assert done(cluster, [job]) == before[:1]


def test_a_process_that_is_too_heavy_is_replaced_before_its_next_job(cluster: Cluster) -> None:
    """Each keeps 60 MB, and is well within its limit; no job waits for the poll, none is lost."""
    jobs = [insert(cluster, "keep", 60) for _ in range(6)]
    node = start(cluster, memory="130MB")

    pids = done(cluster, jobs)

    assert sorted(pids.count(pid) for pid in set(pids)) == [2, 2, 2]
    wait_until(lambda: node.log.count(" MB without a job, replaced") == 3)
    assert "exited" not in node.log


def test_a_process_whose_children_are_too_heavy_is_replaced_when_it_has_no_job(
    cluster: Cluster,
) -> None:
    """They are nobody's any more."""
    start(cluster, more=["--recycle-memory", "130MB"])
    before = done(cluster, [insert(cluster, "child", 60) for _ in range(2)])

    wait_until(lambda: not is_alive(before[0]))
    after = done(cluster, [insert(cluster, "pid")])

    assert after != before[:1]


def test_a_process_is_replaced_after_so_many_jobs(cluster: Cluster) -> None:
    """Its place is taken at once."""
    jobs = [insert(cluster, "pid") for _ in range(7)]
    node = start(cluster, more=["--recycle-jobs", "3"])

    pids = done(cluster, jobs)

    assert [pids[0]] * 3 + [pids[3]] * 3 + [pids[6]] == pids
    assert len(set(pids)) == 3
    assert "n:1 has run 3 jobs, replaced" in node.log


@pytest.mark.parametrize("form", ["option", "environment", "file"])
def test_each_job_has_a_fresh_process(cluster: Cluster, form: str) -> None:
    """With several at once, and types of its own: none is lost, and the log is not filled."""
    jobs = [insert(cluster, "pid") for _ in range(6)]
    config = cluster.folder / "node.toml"
    config.write_text("fresh = true" if form == "file" else "")
    node = start(
        cluster,
        processes=2,
        types="system",
        config=config,
        memory="200MB",
        environment={"PGDISPATCH_FRESH": "1"} if form == "environment" else {},
        more=["--fresh"] if form == "option" else [],
    )

    pids = done(cluster, jobs)

    assert len(set(pids)) == 6
    assert "replaced" not in node.log
    assert "exited" not in node.log


def test_a_process_that_fails_its_job_or_is_told_to_go_is_fresh_too(cluster: Cluster) -> None:
    """A job that fails is one, and a node that is stopped ends."""
    failing = insert(cluster, "no such thing")
    node = start(cluster, more=["--fresh"])
    assert cluster.ended(failing)["outcome"] == "failed"

    pids = done(cluster, [insert(cluster, "pid") for _ in range(2)])
    node.process.terminate()

    assert len(set(pids)) == 2
    assert node.exit_status() == 0


def test_a_job_finds_the_process_as_the_one_before_it_did(cluster: Cluster) -> None:
    """Folder, environment, mode mask, signals, alarms, patience."""
    start(cluster)
    pid = cluster.up("n:1")

    found = cluster.ended(insert(cluster, "spoil"))["result"]
    left = cluster.ended(insert(cluster, "look"))["result"]

    assert left == found
    assert left["alarms"] == [False, False, False]
    assert cluster.pid("n:1") == pid


def test_a_process_whose_folder_is_gone_is_replaced(cluster: Cluster) -> None:
    """The job that did it has succeeded; later ones run, wherever that is."""
    (cluster.folder / "place").mkdir()
    node = start(cluster, inside=["env", "-C", str(cluster.folder / "place")])
    pid = cluster.up("n:1")

    ended = cluster.ended(insert(cluster, "forsake"))
    after = done(cluster, [insert(cluster, "pid")])

    assert ended["outcome"] == "succeeded"
    assert after != [pid]
    assert "n:1 cannot put its state back, replaced: " in node.log


def test_a_job_that_leaves_no_descriptor_has_succeeded(cluster: Cluster) -> None:
    """Its process, which cannot be weighed, is replaced."""
    node = start(cluster, memory="500MB")

    pids = done(cluster, [insert(cluster, "exhaust"), insert(cluster, "pid")])

    assert pids[0] != pids[1]
    assert "n:1 cannot tell what it holds (Too many open files), replaced" in node.log
    assert "Traceback" not in node.log
