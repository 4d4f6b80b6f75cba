"""An ordinary run of the service, with all that jobs do, makes no error in the server's log.

On the newest server only, to save time, and on a server of its own: others' tests provoke errors.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from pgdispatch.embedded import Binaries, EmbeddedServer
from pgdispatch.schema.installer import install
from support.cli.command import run_command
from support.nodes.cluster import Cluster, open_cluster
from support.nodes.processes import wait_until
from support.servers.embedded import SETTINGS
from support.sessions.timetable import linked_task

pytestmark = pytest.mark.usefixtures("newest_only")

TROUBLE = re.compile(r"\b(?:ERROR|FATAL|PANIC):.*")
FAST = {"cancel_grace_seconds": 1, "overrun_grace_seconds": 1, "retry_base_seconds": 1}


@dataclass
class Own:
    """A server of a test's own, and a cluster on it."""

    server: EmbeddedServer
    cluster: Cluster

    def trouble(self) -> list[str]:
        """Return what the server has said of errors so far."""
        return TROUBLE.findall(self.server.log_tail(1_000_000))


@pytest.fixture
def own(binaries: Binaries, tmp_path: Path) -> Iterator[Own]:
    """Give a server with the schema in a database."""
    with EmbeddedServer(binaries=binaries, settings=SETTINGS) as server:
        server.create_database("jobs")
        install(server.dsn("jobs"))
        with open_cluster(server.dsn("jobs"), tmp_path) as cluster:
            cluster.set(**FAST)
            yield Own(server, cluster)


def are_over(cluster: Cluster, jobs: list[int]) -> bool:
    """Tell whether all these jobs have left the queue."""
    left = "select exists (select from pgdispatch.job where id = any (%s))"
    return not cluster.verbs.value(left, jobs)


def every_kind(cluster: Cluster) -> list[int]:
    """Insert jobs of every fate that need no more help; return them."""
    do = ["nothing", "chatter", "chatter", "fail", "mumble", "vanish", "crash", "leave", "nul"]
    jobs = [cluster.job(what, datasource=f"d{i % 3}") for i, what in enumerate(do * 2)]
    jobs += [cluster.job("fail", max_attempts=3) for _ in range(4)]
    return jobs


def test_a_busy_run_makes_no_error_in_the_servers_log(own: Own) -> None:
    """Ends of every kind, linked flows, a drain with jobs in hand, and a start after that."""
    cluster = own.cluster
    flows = [cluster.verbs.task("flow", title=f"flow {number}") for number in range(3)]
    linked = linked_task(cluster.verbs, *flows)
    node = cluster.start(processes=4, grace=0.1)
    jobs = every_kind(cluster)
    slow = [cluster.job("deaf", timeout="1 second") for _ in range(2)]
    asked = [cluster.job(do, priority=1) for do in ("block", "deaf")]
    cluster.running(*asked)
    for job in asked:
        cluster.verbs.cancel(job, "enough of it")
    cluster.verbs.run("select pgdispatch.run_now_linked_task(%s)", linked)
    wait_until(lambda: are_over(cluster, jobs + slow + asked), within=60)
    left = [cluster.job(do) for do in ("block", "deaf", "chatter")]
    cluster.running(*left[:2])

    node.send(signal.SIGTERM)
    status = node.exit_status()
    again = cluster.start(processes=2)
    cluster.release(*left)
    wait_until(lambda: are_over(cluster, left))
    again.send(signal.SIGTERM)

    assert (status, again.exit_status()) == (0, 0)
    assert own.trouble() == []


def test_a_node_that_was_killed_and_starts_anew_makes_no_error(own: Own) -> None:
    """It takes its name over from a supervisor that is no more, and so do its processes."""
    cluster = own.cluster
    first = cluster.start(processes=2)
    jobs = [cluster.job("block") for _ in range(2)]
    cluster.running(*jobs)

    os.kill(first.process.pid, signal.SIGKILL)
    first.exit_status()
    cluster.start(processes=2)
    cluster.release(*jobs)
    wait_until(lambda: are_over(cluster, jobs))

    assert own.trouble() == []


def test_commands_of_people_make_no_error(own: Own) -> None:
    """Of a producer, too, who may insert and not look."""
    dsn = own.server.dsn("jobs")
    own.cluster.verbs.run("create role a_producer login in role pgdispatch_producer")
    commands = (["queue"], ["status"], ["jobs"], ["node", "list"], ["doctor"], ["install"])

    found = [run_command(dsn, *words) for words in commands]
    inserted = run_command(make_conninfo(dsn, user="a_producer"), "enqueue", "system")

    assert {done.status for done in found} <= {0, 1}  # 1: doctor has found something
    assert inserted.status == 0
    assert own.trouble() == []
