"""Handlers that fork, make daemons, ignore signals, eat memory and write without end.

On the newest server only: nothing here is the server's.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pgdispatch.host.procfs import everybody, look_at
from support.nodes.cluster import Cluster
from support.nodes.node import POWERLESS, Node
from support.nodes.processes import is_alive, wait_until

pytestmark = pytest.mark.usefixtures("newest_only")
APP = "support.nodes.greedy_app"


def start(cluster: Cluster, **options: Any) -> Node:
    """Start a node of one backgrounder with the greedy application."""
    return cluster.start(app=APP, processes=1, **options)


def started(cluster: Cluster, job: int) -> list[int]:
    """Wait until a job has started what it wants to; return that."""
    path = cluster.folder / f"started-{job}"
    wait_until(path.exists)
    return [int(line) for line in path.read_text().split()]


def resident(pid: int) -> int:
    """Return the bytes of a process that are in memory, shared or not."""
    seen = look_at(pid)
    return 0 if seen is None else seen.resident


def zombies_of(parent: int) -> list[int]:
    """Return the children of a process that have ended and that it has not waited for."""
    return [one.pid for one in everybody().values() if one.parent == parent and one.is_zombie]


def test_what_a_cancelled_job_has_started_is_gone_daemons_and_all(cluster: Cluster) -> None:
    """Whether it has left the process group, the session, or both, and its parent."""
    cluster.set(cancel_grace_seconds=1)
    job = cluster.job("daemons")
    start(cluster)
    pids = started(cluster, job)

    cluster.verbs.cancel(job, "too many")
    ended = cluster.ended(job)

    assert len(pids) == 4
    assert ended["outcome"] == "cancelled"
    wait_until(lambda: not any(map(is_alive, pids)), within=5)
    assert cluster.ended(cluster.job("nothing"))["outcome"] == "succeeded"


@pytest.mark.parametrize("inside", [(), POWERLESS], ids=["root", "nobody"])
def test_daemons_of_a_job_that_succeeds_end_with_it(
    cluster: Cluster, inside: Sequence[str]
) -> None:
    """Its own children may be a pool for later jobs: they stay with the process."""
    job = cluster.job("daemons")
    node = start(cluster, inside=inside)
    child, daemon, session, orphan = pids = started(cluster, job)
    assert all(map(is_alive, pids))

    cluster.release(job)
    assert cluster.ended(job)["outcome"] == "succeeded"
    wait_until(lambda: not is_alive(daemon) and not is_alive(orphan), within=5)
    wait_until(lambda: not zombies_of(node.process.pid), within=5)

    assert is_alive(child)
    assert is_alive(session)
    assert cluster.ended(cluster.job("nothing"))["outcome"] == "succeeded"


def test_nothing_is_left_when_the_node_stops(cluster: Cluster) -> None:
    """It waits for the job, and not a moment longer."""
    job = cluster.job("daemons")
    node = start(cluster)
    pids = started(cluster, job)

    node.send(signal.SIGTERM)
    wait_until(lambda: "running jobs have" in node.log)
    cluster.release(job)
    node.exit_status()

    assert [pid for pid in pids if is_alive(pid)] == []


@pytest.mark.parametrize("do", ["eat", "feed"])
def test_a_job_over_its_memory_fails_and_all_of_it_is_gone(cluster: Cluster, do: str) -> None:
    """Used by itself, or by its children and a daemon, which take no notice of SIGTERM."""
    job = cluster.job(do)
    node = start(cluster, memory="150MB")
    pids = started(cluster, job)
    first = cluster.up("n:1")

    ended = cluster.ended(job)

    assert (ended["outcome"], ended["failed_as"]) == ("failed", "killed")
    assert ended["error"].startswith("too much memory: used ")
    assert ended["error"].endswith(" MB, limit 150 MB")
    assert 150 < int(ended["error"].split()[4]) < 1000
    wait_until(lambda: not any(map(is_alive, [first, *pids])), within=5)
    assert cluster.ended(cluster.job("nothing"))["outcome"] == "succeeded"
    assert "killed" in node.log


def test_memory_that_processes_share_counts_once(cluster: Cluster) -> None:
    """The limit may stand in the configuration file."""
    config = cluster.folder / "node.toml"
    config.write_text('memory = "250MB"\n[handler.flow]\nprogram = ["/bin/true"]\n')
    job = cluster.job("share")
    cluster.start(app=APP, config=config, processes=2)
    pids = started(cluster, job)
    greedy = cluster.job("eat")

    told = cluster.ended(greedy)["error"]
    counted_whole = sum(map(resident, pids))
    cluster.release(job)

    assert counted_whole > 300 << 20
    assert told.endswith(" MB, limit 250 MB")
    assert cluster.ended(job)["outcome"] == "succeeded"


def test_a_program_that_writes_without_end_leaves_a_bounded_log(cluster: Cluster) -> None:
    """And its orphans, which hold the pipe and write on, are gone."""
    script = cluster.folder / "flood"
    script.write_text(
        "#!/bin/sh\n"
        "trap '' TERM\n"
        "(trap '' TERM; yes orphan) &\n"
        f"echo $! > {cluster.folder}/started-flood\n"
        "head -c 1000000 /dev/zero | tr '\\0' x\n"
        "yes 'a line' | head -n 10000\n"
        "exit 3\n"
    )
    script.chmod(0o755)
    config = cluster.folder / "node.toml"
    config.write_text(f'[handler.flow]\nprogram = ["{script}"]\n')
    job = cluster.job(type="flow")
    cluster.start(app=None, config=config, processes=1, memory="200MB")

    ended = cluster.ended(job, within=40)
    orphan = int(Path(cluster.folder / "started-flood").read_text())

    assert ended["error"].startswith("the program exited with status 3: ")
    assert 1000 < len(ended["log"]) <= 1_000_000
    wait_until(lambda: not is_alive(orphan), within=5)
