"""Upgrades to a release after this one, while real nodes and applications are at work.

On the newest server only. The way from former releases to this one: test_rolling_upgrade.py.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from pgdispatch.schema import installer
from pgdispatch.schema.release import LEVEL
from pgdispatch.schema.upgrade import Options
from support.nodes.cluster import Cluster
from support.nodes.processes import wait_until
from support.servers.releases import next_release

pytestmark = pytest.mark.usefixtures("newest_only")
INSERT = (
    "insert into pgdispatch.job (type, site, datasource, args) "
    "values ('system', 'default', %s, '{\"do\": \"nothing\"}') returning id"
)
ENDS = "select id, outcome, attempt, losses from pgdispatch.job_history order by id"


class Producer:
    """An application that inserts one job after the other, until told to stop."""

    def __init__(self, dsn: str, number: int) -> None:
        self.jobs: list[int] = []
        self.failures: list[psycopg.Error] = []
        self.stop = threading.Event()
        self._dsn, self._number = dsn, number
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        with psycopg.connect(self._dsn, autocommit=True, prepare_threshold=0) as connection:
            while not self.stop.wait(0.005):
                datasource = f"d{len(self.jobs) % 5}" if self._number else None
                try:
                    row = connection.execute(INSERT, [datasource]).fetchone()
                except psycopg.Error as error:
                    self.failures.append(error)
                else:
                    self.jobs += row or ()


@contextmanager
def producing(dsn: str) -> Iterator[list[Producer]]:
    """Let two applications insert jobs; one of them with datasources."""
    producers = [Producer(dsn, number) for number in range(2)]
    for producer in producers:
        producer.thread.start()
    try:
        yield producers
    finally:
        for producer in producers:
            producer.stop.set()
            producer.thread.join()


def count(cluster: Cluster) -> int:
    """Return how many jobs have ended."""
    return int(cluster.verbs.value("select count(*) from pgdispatch.job_history"))


def at_work(cluster: Cluster, more: int) -> None:
    """Return once so many more jobs have ended."""
    goal = count(cluster) + more
    wait_until(lambda: count(cluster) >= goal, within=60)


def test_nodes_of_the_former_version_go_on_through_an_upgrade(cluster: Cluster) -> None:
    """No job is lost, none runs twice, no process is replaced, and no insert fails.

    Tables, the row type of claims and a function that nodes call change under them.
    """
    nodes = [cluster.start(name, processes=2) for name in ("a", "b")]
    release = next_release()
    with producing(cluster.dsn) as producers:
        at_work(cluster, 30)
        wait_until(lambda: cluster.count() == 4)
        pids = cluster.verbs.values("select pid from pgdispatch.backgrounder order by id")

        done = installer.install(cluster.dsn, _source=release)

        at_work(cluster, 60)
    jobs = sorted(job for producer in producers for job in producer.jobs)
    wait_until(lambda: count(cluster) >= len(jobs), within=60)
    assert [str(one) for one in done.remaining] == []
    assert [failure for producer in producers for failure in producer.failures] == []
    ends = cluster.verbs.rows(ENDS)
    assert ends == [{"id": j, "outcome": "succeeded", "attempt": 1, "losses": 0} for j in jobs]
    assert sorted(int(run.split()[0]) for run in cluster.runs()) == jobs
    assert cluster.verbs.values("select pid from pgdispatch.backgrounder order by id") == pids
    assert cluster.verbs.values("select job from pgdispatch.swept_job") == []
    assert [node.process.poll() for node in nodes] == [None, None]
    assert not any("Traceback" in node.log for node in nodes)


def test_nodes_that_the_new_schema_does_not_serve_are_told_to_stop(cluster: Cluster) -> None:
    """Their jobs end first; they exit with status 4, now and at the next start; the queue stays."""
    running = cluster.job()
    node = cluster.start(processes=1)
    cluster.running(running)
    waiting = cluster.job("nothing")
    release = next_release(level=LEVEL + 1, oldest_level=LEVEL + 1)
    said: list[str] = []
    installing = threading.Thread(
        target=installer.install,
        args=(cluster.dsn, Options(stop_nodes=True, say=said.append)),
        kwargs={"_source": release},
    )

    installing.start()
    wait_until(lambda: "stopping; running jobs have" in node.log)
    cluster.release(running)
    installing.join(60)
    again = cluster.start()

    assert (node.exit_status(), again.exit_status()) == (4, 4)
    assert said == ["telling n to stop"]
    assert "error: the schema pgdispatch is being upgraded" in node.log
    assert "error: the schema pgdispatch is too new for this version" in again.log
    assert cluster.ended(running)["outcome"] == "succeeded"
    assert cluster.waiting() == [waiting]
    assert cluster.verbs.value(
        "select level from pgdispatch.schema_version order by installed_at desc limit 1"
    ) == (LEVEL + 1)
