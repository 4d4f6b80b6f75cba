"""What the database tests share: the verbs and the clock of a fresh database."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from pgdispatch.embedded import EmbeddedServer
from support.rights.two_sites import Sites, furnish_both, people_of
from support.servers.embedded import Connect, made_database
from support.sessions.clock import Clock, shift
from support.sessions.ring import Ring, open_ring
from support.sessions.verbs import Verbs


@pytest.fixture
def verbs(database: str, connect: Connect, request: pytest.FixtureRequest) -> Verbs:
    """Give the verbs of a fresh database whose clock runs.

    The schema is not in the search path, as it is not in an application's. A test that looks
    twice at what time changes, such as a node's lease, stops it: `clock`.
    """
    if other := request.config.getoption("--clock"):
        shift(database, other)
    return Verbs(connect(database, options="-c search_path=public"))


@pytest.fixture
def clock(verbs: Verbs) -> Clock:
    """Stop the clock of the test's database, at noon."""
    return Clock(verbs.connection)


@pytest.fixture
def ring(database: str) -> Iterator[Ring]:
    """Give a ring of sessions on a fresh database.

    A claim waits for a rival for as long as the steps of a test take, on however slow a machine.
    """
    with open_ring(database) as opened:
        opened.watch.run(
            "update pgdispatch.setting set value = '600' where name = 'gate_wait_seconds'"
        )
        yield opened


@pytest.fixture(scope="session")
def furnished(
    server: EmbeddedServer, template: str, request: pytest.FixtureRequest
) -> Iterator[Sites]:
    """Give two furnished sites, acme and globex, and people of acme, for all tests that look."""
    with made_database(server, "two_sites", template=template) as dsn:
        if clock := request.config.getoption("--clock"):
            shift(dsn, clock)
        with psycopg.connect(dsn, autocommit=True, options="-c search_path=public") as connection:
            verbs = Verbs(connection)
            acme, globex = furnish_both(verbs)
            with people_of(verbs, "acme"):
                yield verbs, acme, globex


@pytest.fixture
def sites(furnished: Sites) -> Iterator[Sites]:
    """Give the furnished sites in a transaction of the test's, whose changes are undone.

    Their nodes have just been heard of: they were made longer ago than a lease lasts.
    """
    verbs = furnished[0]
    with verbs.connection.transaction(force_rollback=True):
        verbs.run(
            "update pgdispatch.node set heartbeat_at = pgdispatch.now() "
            "where heartbeat_at is not null"
        )
        yield furnished
