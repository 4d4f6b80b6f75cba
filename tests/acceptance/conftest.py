"""What the acceptance tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.nodes.cluster import Cluster, open_cluster


@pytest.fixture
def cluster(database: str, tmp_path: Path) -> Iterator[Cluster]:
    """Give a fresh database to start nodes on; at the end nothing of them may be left."""
    with open_cluster(database, tmp_path) as opened:
        yield opened
