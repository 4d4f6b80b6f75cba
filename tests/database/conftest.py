"""What the database tests share: the verbs and the clock of a fresh database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.clock import Clock
from support.servers import Connect
from support.sessions import Ring, open_ring
from support.verbs import Verbs


@pytest.fixture
def verbs(database: str, connect: Connect) -> Verbs:
    """Give the verbs of a fresh database whose clock runs.

    The schema is not in the search path, as it is not in an application's.
    """
    return Verbs(connect(database, options="-c search_path=public"))


@pytest.fixture
def clock(verbs: Verbs) -> Clock:
    """Stop the clock of the test's database, at noon."""
    return Clock(verbs.connection)


@pytest.fixture
def ring(database: str) -> Iterator[Ring]:
    """Give a ring of sessions on a fresh database."""
    with open_ring(database) as opened:
        yield opened
