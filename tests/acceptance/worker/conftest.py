"""What the tests of outages share: a server of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pgdispatch.embedded import Binaries, EmbeddedServer
from pgdispatch.schema.installer import install
from support.nodes.cluster import Cluster, open_cluster
from support.servers.embedded import SETTINGS, open_server


@pytest.fixture
def own_server(binaries: Binaries) -> Iterator[EmbeddedServer]:
    """Give a server that the test may crash, with the schema installed.

    It loses nothing that was committed, as any that a person cares for.
    """
    with open_server(binaries, {**SETTINGS, "synchronous_commit": "on"}) as server:
        install(server.dsn())
        yield server


@pytest.fixture
def own_cluster(own_server: EmbeddedServer, tmp_path: Path) -> Iterator[Cluster]:
    """Give a cluster on that server."""
    with open_cluster(own_server.dsn(), tmp_path) as opened:
        yield opened
