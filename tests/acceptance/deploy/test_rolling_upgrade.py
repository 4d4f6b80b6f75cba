"""A rolling upgrade, under load: nodes of a former version and of this one change places.

Each runs from its wheel, in an environment of its own; former versions are built from the history
of git. PGDISPATCH_TEST_WHEEL=FILE takes that wheel for this version. On the newest server only.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psycopg
import pytest

from pgdispatch.version import VERSION
from support.checkout import ROOT
from support.invariants.check import check
from support.invariants.ledger import Ledger
from support.nodes.cluster import Cluster, open_cluster
from support.nodes.node import Node
from support.nodes.processes import wait_until
from support.sessions.producing import Producer, set_up
from support.wheels.build import build, export
from support.wheels.environment import Environment, environment_with
from support.wheels.former import NO_HISTORY, Former, former_level, last_release

pytestmark = [pytest.mark.usefixtures("newest_only"), pytest.mark.timeout(180)]
APP = "support.invariants.evidence_app"
NODES = ("a", "b")
ROUND = 20  # jobs that a node ends before another one is replaced
FORMER = {"last release": last_release, "former level": former_level}
ENDED_BY = """
select count(*) from pgdispatch.job_history
where split_part(backgrounder, ':', 1) = %s and started_at > %s
"""
INSTALLED = "select package_version from pgdispatch.schema_version order by installed_at desc"


@dataclass
class Rollout:
    """Two nodes at work in one database, and what the producers know that they have inserted."""

    cluster: Cluster
    ledger: Ledger = field(default_factory=Ledger)
    nodes: dict[str, Node] = field(default_factory=dict)
    started: list[tuple[Environment, Node]] = field(default_factory=list)

    def start(self, name: str, package: Environment) -> Node:
        """Start a node of a package."""
        node = self.cluster.start(
            name, app=APP, processes=2, python=package.python, environment=package.variables
        )
        self.started.append((package, node))
        return node

    def stumbled(self, package: Environment) -> list[str]:
        """Return what the nodes of a package have logged, of those that had an error in them."""
        return [node.log for its, node in self.started if its == package and "Trace" in node.log]

    def replace(self, name: str, package: Environment) -> None:
        """Stop a node, if it is up, start one of `package`, and see it at work."""
        self.stop(name)
        self.nodes[name] = self.start(name, package)
        self.see_at_work(name)

    def stop(self, name: str) -> None:
        """Stop a node, if it is up, as a service manager does."""
        node = self.nodes.pop(name, None)
        if node is not None:
            node.send(signal.SIGTERM)
            assert node.exit_status() == 0, node.log

    def see_at_work(self, *names: str) -> None:
        """Wait until each of the nodes has started and ended a round of jobs from now on."""
        now = self.cluster.verbs.value("select clock_timestamp()")

        def are_done() -> bool:
            for name in names:
                self.nodes[name].check()
            return all(self.cluster.verbs.value(ENDED_BY, name, now) >= ROUND for name in names)

        wait_until(are_done, within=60)

    @contextmanager
    def load(self) -> Iterator[list[Producer]]:
        """Let two applications insert jobs of all kinds; at the end wait until all have ended."""
        stop = threading.Event()
        producers = [
            Producer(self.cluster.dsn, self.ledger, Random(seed), failing=0)  # noqa: S311
            for seed in (1, 2)
        ]
        threads = [threading.Thread(target=insert, args=(one, stop)) for one in producers]
        for thread in threads:
            thread.start()
        try:
            yield producers
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        left = "select count(*) from pgdispatch.job"
        wait_until(lambda: self.cluster.verbs.value(left) == 0, within=60)


def insert(producer: Producer, stop: threading.Event) -> None:
    """Insert one job after the other, until told to stop."""
    while not stop.wait(0.02):
        producer.insert(1)
    producer.close()


@pytest.fixture(scope="module")
def this(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Give an environment with this version."""
    folder = tmp_path_factory.mktemp("this")
    told = os.environ.get("PGDISPATCH_TEST_WHEEL")
    wheel = Path(told) if told else build(ROOT, "wheel", folder / "wheel")
    return environment_with(wheel, folder / "environment")


@pytest.fixture(params=list(FORMER))
def former(request: pytest.FixtureRequest) -> Former:
    """Give a former version."""
    found: Former | None = FORMER[request.param]()
    if found is None:
        pytest.skip(NO_HISTORY)
    return found


@pytest.fixture
def before(former: Former, tmp_path: Path) -> Environment:
    """Give an environment with the former version."""
    wheel = build(export(former.commit, tmp_path / "tree"), "wheel", tmp_path / "wheel")
    return environment_with(wheel, tmp_path / "environment")


@pytest.fixture
def rollout(before: Environment, empty_database: str, tmp_path: Path) -> Iterator[Rollout]:
    """Give a database with the former version's schema, and no nodes."""
    folder = tmp_path / "nodes"
    folder.mkdir()
    done = before.run(empty_database, "install")
    assert done.status == 0, done.err
    with open_cluster(empty_database, folder) as cluster:
        set_up(cluster.verbs.connection)
        yield Rollout(cluster)


def test_nodes_are_replaced_under_load_one_by_one_and_back_again(
    former: Former, before: Environment, this: Environment, rollout: Rollout
) -> None:
    """Lost 0, twice 0, the order kept; no insert fails, and nodes of both versions go on at once.

    The new ones refuse the old schema. Former ones go on, and may be started again on the new
    schema, if they go by its level: those of 0.1.0 have to be stopped first, as the page says. The
    former package does not install over the new schema.
    """
    cluster = rollout.cluster
    with rollout.load() as producers:
        for name in NODES:
            rollout.replace(name, before)
        assert rollout.start("early", this).exit_status() == 4

        for name in () if former.goes_by_level else NODES:
            rollout.stop(name)

        done = this.run(cluster.dsn, "install")
        assert done.status == 0, done.err

        rollout.see_at_work(*rollout.nodes)
        for name in NODES:
            rollout.replace(name, this)
        rollout.see_at_work(*NODES)
        if former.goes_by_level:
            for name in NODES:
                rollout.replace(name, before)
            rollout.see_at_work(*NODES)
        else:
            assert rollout.start("late", before).exit_status() == 4
        refused = before.run(cluster.dsn, "install")

    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        evidence = cluster.folder / "evidence"
        assert check(connection, rollout.ledger, evidence=evidence, was_only_away=True) == []
    assert [str(one) for producer in producers for one in producer.failures] == []
    assert rollout.ledger.unsure == set()
    assert refused.status != 0
    assert cluster.verbs.values(INSTALLED)[0] == VERSION
    assert rollout.stumbled(this) + rollout.stumbled(before) == []
