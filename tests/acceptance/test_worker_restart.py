"""A restart of the database costs no job. On the newest server only, to save time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pgdispatch.embedded import Binaries, EmbeddedServer
from pgdispatch.installer import install
from support.nodes import Cluster, open_cluster
from support.processes import wait_until
from support.servers import SETTINGS

pytestmark = pytest.mark.usefixtures("newest_only")


@pytest.fixture
def own_server(binaries: Binaries) -> Iterator[EmbeddedServer]:
    """Give a server that the test may crash, with the schema installed.

    It loses nothing that was committed, as any that a person cares for.
    """
    settings = {**SETTINGS, "synchronous_commit": "on"}
    with EmbeddedServer(binaries=binaries, settings=settings) as server:
        install(server.dsn())
        yield server


@pytest.fixture
def own_cluster(own_server: EmbeddedServer, tmp_path: Path) -> Iterator[Cluster]:
    """Give a cluster on that server."""
    with open_cluster(own_server.dsn(), tmp_path) as opened:
        yield opened


def test_a_job_that_ends_while_the_database_is_away_is_reported_when_it_is_back(
    own_server: EmbeddedServer, own_cluster: Cluster
) -> None:
    """Its first attempt counts; one still at work goes on, and what waits is run."""
    done, long = own_cluster.job(), own_cluster.job()
    node = own_cluster.start(processes=2)
    own_cluster.running(done, long)
    late = own_cluster.job("nothing")

    own_server.crash()
    own_cluster.release(done)
    wait_until(lambda: "n:1: the database is away" in node.log or "n:2" in node.log)
    own_server.restart()
    own_cluster.connect()

    ended = own_cluster.ended(done)
    assert own_cluster.ended(late)["outcome"] == "succeeded"
    own_cluster.release(long)
    for row in (ended, own_cluster.ended(long)):
        assert (row["outcome"], row["attempt"], row["losses"]) == ("succeeded", 1, 0)
        assert row["result"] == {"attempt": 1}
    assert len(own_cluster.runs()) == 3
    assert node.process.poll() is None
