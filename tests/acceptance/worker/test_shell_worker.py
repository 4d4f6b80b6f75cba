"""A worker needs no Python: the one of sql/README.md, in `sh` and psql, as it stands there."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from pgdispatch.embedded import Binaries
from pgdispatch.host import procfs
from support.checkout import SQL
from support.nodes.cluster import Cluster
from support.nodes.node import MARK, Node
from support.nodes.processes import wait_until

LOGIN = "pgdispatch_test_shell"
PROGRAM = """
import json, os, signal, sys, threading
job = json.load(sys.stdin)
do = job["args"]["do"]
with open("runs", "a") as runs:
    runs.write(f"{job['id']} {job['attempt']} {job['backgrounder']}\\n")
if do == "title":
    print(job["title"])
elif do == "rubbish":
    sys.stdout.buffer.write("ß".encode() * 50_000 + b"a\\x00b\\xffcd\\n")
elif do == "fail":
    print("no space", file=sys.stderr)
    sys.exit(3)
elif do == "die":
    os.kill(os.getpid(), signal.SIGKILL)
else:
    if do == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while not os.path.exists(f"go-{job['id']}"):
        threading.Event().wait(0.01)
"""
ODD = (
    "It's \"quoted\" \\' $$ E'\\n' :'id' :me %s \\gexec",
    "$(touch canary) `touch canary` ; touch canary",
    "two\nlines\n\\! touch canary\n\\q\n; drop table pgdispatch.job; --",
    "  Grüße, 漢字 \t -n -e *",
)


@pytest.fixture
def start(cluster: Cluster, binaries: Binaries, tmp_path: Path) -> Iterator[Callable[[], Node]]:
    """Give what starts the page's worker, as a login that has a worker's role and nothing else."""
    cluster.verbs.run(f"create role {LOGIN} login in role pgdispatch_worker")
    page = (SQL / "README.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^```sh\n(#!/bin/sh\n.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "worker.sh").write_text(script, encoding="utf-8")
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    given = conninfo_to_dict(cluster.dsn)
    variables = {f"PG{name.upper()}": str(given[name]) for name in ("host", "port")}

    def start_worker() -> Node:
        mark, log_file = uuid.uuid4().hex, tmp_path / "shell.log"
        with log_file.open("ab") as log:
            process = subprocess.Popen(
                ["/bin/sh", "worker.sh", "shell-1", "{system}", sys.executable, "program.py"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=tmp_path,
                env={
                    **variables,
                    "PGDATABASE": str(given["dbname"]),
                    "PGUSER": LOGIN,
                    "PATH": f"{binaries.folder}:{os.environ['PATH']}",
                    MARK: mark,
                },
                start_new_session=True,
            )
        node = Node("shell-1", process, log_file, mark)
        cluster.nodes.append(node)
        return node

    yield start_worker
    for node in cluster.nodes:
        node.send(signal.SIGTERM)
    wait_until(lambda: not any(is_left(node) for node in cluster.nodes))
    cluster.verbs.run(f"drop role {LOGIN}")


@pytest.fixture
def nobody_reaps() -> Iterator[None]:
    """Make the machine one whose first process reaps no orphans, as in many a container."""
    procfs.adopt_orphans()
    yield
    ctypes.CDLL(None).prctl(procfs.PR_SET_CHILD_SUBREAPER, 0)
    for one in procfs.everybody().values():
        if one.parent == os.getpid() and one.is_zombie:
            os.waitpid(one.pid, 0)


def is_later(cluster: Cluster, since: datetime) -> bool:
    """Tell whether the node has given a sign of life since."""
    return bool(cluster.verbs.value("select heartbeat_at > %s from pgdispatch.node", since))


def is_left(node: Node) -> bool:
    """Tell whether a node, or anything that it started, is still there."""
    return node.process.poll() is None or bool(node.family())


def test_it_ends_each_job_as_its_program_ended(cluster: Cluster, start: Callable[[], Node]) -> None:
    """And keeps what that wrote."""
    jobs = {do: cluster.job(do, title="A title") for do in ("title", "fail", "die")}
    start()

    ended = {do: cluster.ended(job) for do, job in jobs.items()}

    assert ended["title"]["outcome"] == "succeeded"
    assert ended["title"]["log"] == "A title"
    assert ended["title"]["backgrounder"] == "shell-1:1"
    assert (ended["fail"]["failed_as"], ended["fail"]["error"]) == ("error", "status 3")
    assert ended["fail"]["log"] == "no space"
    assert (ended["die"]["failed_as"], ended["die"]["error"]) == ("killed", "status 137")


@pytest.mark.usefixtures("newest_only")
def test_titles_and_output_are_data(
    cluster: Cluster, start: Callable[[], Node], tmp_path: Path
) -> None:
    """Whatever is in them; of what no text can hold the rest is kept, of what is long the end."""
    jobs = [cluster.job("title", title=title) for title in ODD]
    rubbish = cluster.job("rubbish")
    start()

    logs = [cluster.ended(job)["log"] for job in jobs]
    kept = cluster.ended(rubbish)["log"]

    assert logs == list(ODD)
    assert kept == "ß" * 32_764 + "abcd"
    assert not (tmp_path / "canary").exists()


@pytest.mark.usefixtures("newest_only")
@pytest.mark.parametrize("do", ["block", "deaf"])
def test_a_cancelled_job_is_asked_to_stop_and_killed_after_the_grace(
    cluster: Cluster, start: Callable[[], Node], do: str
) -> None:
    """The next one runs."""
    cluster.set(cancel_grace_seconds=1)
    job, after = cluster.job(do), cluster.job("title")
    start()
    cluster.running(job)

    cluster.verbs.run("select pgdispatch.cancel(%s, 'not needed')", job)

    assert cluster.ended(job)["outcome"] == "cancelled"
    assert cluster.ended(after)["outcome"] == "succeeded"


@pytest.mark.usefixtures("newest_only")
@pytest.mark.parametrize("do", ["block", "deaf"])
def test_a_job_that_overruns_fails_as_timed_out(
    cluster: Cluster, start: Callable[[], Node], do: str
) -> None:
    """Asked to stop first, then killed."""
    cluster.set(overrun_grace_seconds=1)
    job = cluster.job(do, timeout="1 s")
    start()

    assert cluster.ended(job)["failed_as"] == "timed out"


@pytest.mark.usefixtures("newest_only")
def test_one_that_is_ended_gives_its_job_back(cluster: Cluster, start: Callable[[], Node]) -> None:
    """At once; nothing is lost, and its name is free."""
    job = cluster.job(max_attempts=1)
    node = start()
    cluster.running(job)

    node.send(signal.SIGTERM)

    assert node.exit_status() == 0
    assert cluster.verbs.row("select state, losses from pgdispatch.job") == {
        "state": "ready",
        "losses": 0,
    }
    assert cluster.verbs.values("select name from pgdispatch.node where incarnation is null") == [
        "shell-1"
    ]


@pytest.mark.usefixtures("newest_only")
def test_it_gives_signs_of_life_while_its_job_runs(
    cluster: Cluster, start: Callable[[], Node]
) -> None:
    """One after the other, so that its lease is never over."""
    job = cluster.job()
    start()
    cluster.running(job)

    for _ in range(3):
        since = cluster.verbs.value("select heartbeat_at from pgdispatch.node")
        wait_until(partial(is_later, cluster, since))

    assert cluster.verbs.value("select state from pgdispatch.job") == "running"


@pytest.mark.usefixtures("newest_only", "nobody_reaps")
def test_after_one_that_was_killed_another_node_runs_its_job(
    cluster: Cluster, start: Callable[[], Node]
) -> None:
    """When its lease is over. What it had started is gone by then."""
    cluster.set(lease_seconds=8)
    job = cluster.job(datasource="sales")
    killed = start()
    cluster.running(job)
    cluster.start(processes=1)
    cluster.up("n:1")

    killed.send(signal.SIGKILL)
    killed.process.wait()
    wait_until(lambda: not killed.family())
    assert cluster.runs(job) == ["shell-1:1"]
    wait_until(lambda: len(cluster.runs(job)) == 2, within=30)
    cluster.release(job)

    ended = cluster.ended(job)
    assert (ended["outcome"], ended["attempt"], ended["losses"]) == ("succeeded", 2, 1)
    assert cluster.runs(job) == ["shell-1:1", "n:1"]


@pytest.mark.usefixtures("newest_only")
def test_of_two_with_one_name_the_second_is_refused(
    cluster: Cluster, start: Callable[[], Node]
) -> None:
    """And leaves the job of the first alone."""
    job = cluster.job()
    start()
    cluster.running(job)

    assert start().exit_status() != 0

    cluster.release(job)
    assert cluster.ended(job)["attempt"] == 1


@pytest.mark.usefixtures("newest_only")
def test_an_end_is_told_once_the_database_is_back(
    cluster: Cluster, start: Callable[[], Node]
) -> None:
    """The program is left alone meanwhile, and its job runs once."""
    job = cluster.job()
    node = start()
    cluster.running(job)

    cluster.verbs.run(f"alter role {LOGIN} nologin")
    wait_until(lambda: node.log.count("not permitted to log in") > 0)
    cluster.release(job)
    wait_until(lambda: node.log.count("not permitted to log in") > 3)
    cluster.verbs.run(f"alter role {LOGIN} login")

    assert cluster.ended(job)["outcome"] == "succeeded"
    assert cluster.runs() == [f"{job} 1 shell-1:1"]


@pytest.mark.usefixtures("newest_only")
def test_a_job_whose_claim_got_no_answer_is_given_back(
    cluster: Cluster, start: Callable[[], Node]
) -> None:
    """And runs, as if nothing had been."""
    start()
    cluster.up("shell-1:1")
    with cluster.verbs.connection.transaction():
        job = cluster.job("title")
        assert cluster.verbs.claim("shell-1:1") == job

    ended = cluster.ended(job)
    assert (ended["outcome"], ended["losses"]) == ("succeeded", 0)
    assert cluster.runs() == [f"{job} 2 shell-1:1"]
