"""What the acceptance tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pgdispatch.embedded import Binaries
from support.nodes import Cluster, open_cluster


@pytest.fixture
def cluster(database: str, tmp_path: Path) -> Iterator[Cluster]:
    """Give a fresh database to start nodes on; at the end nothing of them may be left."""
    with open_cluster(database, tmp_path) as opened:
        yield opened


@pytest.fixture
def newest_only() -> None:
    """Mark a test that runs on the newest of the chosen PostgreSQL versions only, to save time."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the older servers for tests that want the newest one only."""
    functions = [item for item in items if isinstance(item, pytest.Function)]
    versions = {item: version_of(item) for item in functions if version_of(item) is not None}
    newest = max(filter(None, versions.values()), default=0)
    left_out = [
        item
        for item, version in versions.items()
        if version != newest and "newest_only" in item.fixturenames
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def version_of(item: pytest.Function) -> int | None:
    """Return the PostgreSQL version that a test runs on, or None if it needs no server."""
    found = item.callspec.params.get("binaries") if hasattr(item, "callspec") else None
    return found.version if isinstance(found, Binaries) else None
