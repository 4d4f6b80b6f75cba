"""`pgdispatch doctor` and what it takes a server of one's own to provoke.

A queue of notifications that fills up, standbys, an index that has grown.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import count
from pathlib import Path

import psycopg
import pytest

from pgdispatch import doctor
from pgdispatch.doctor import Finding, examine
from pgdispatch.embedded import EmbeddedServer, find_binaries
from pgdispatch.schema import catalog, installer
from support.nodes.processes import wait_until
from support.servers.embedded import SETTINGS, Connect, open_server
from support.servers.standbys import following_by_slot, open_standby, subscribing
from support.sessions.patients import LISTENING, READY_JOBS, REGISTER
from support.sessions.ring import Ring, Session, open_ring
from support.sessions.verbs import Verbs

FEW_PAGES = {"max_notify_queue_pages": "64"}  # half a megabyte; there are 8 GB as it comes
QUICK = {
    "hot_standby_feedback": "on",
    "wal_receiver_status_interval": "1",
    "wal_retrieve_retry_interval": "100ms",
}
TEMPLATE = "doctor_template"
numbers = count(1)
Look = Callable[[], list[Finding]]


@pytest.fixture(scope="module")
def primary() -> Iterator[EmbeddedServer]:
    """Give a server with room for few notifications, where that can be."""
    binaries = find_binaries()
    more = FEW_PAGES if binaries.version >= 17 else {}
    settings = {**SETTINGS, "wal_level": "logical", **more}
    with open_server(binaries, settings) as running:
        running.create_database(TEMPLATE)
        installer.install(running.dsn(TEMPLATE))
        yield running


@pytest.fixture(scope="module")
def wanted(primary: EmbeddedServer) -> catalog.Catalog:
    """Give what the schema should be."""
    with psycopg.connect(primary.dsn()) as connection:
        return catalog.expected(connection, installer.package(), installer.catalog_query())


@pytest.fixture(scope="module")
def standby(primary: EmbeddedServer) -> Iterator[EmbeddedServer]:
    """Give a standby that tells the primary what it still has to keep."""
    with tempfile.TemporaryDirectory(prefix="pgdispatch-standby-", dir="/tmp") as made:
        Path(made).chmod(0o755)
        with open_standby(primary, Path(made) / "data", name="spare", **QUICK) as running:
            yield running


@pytest.fixture
def ring(primary: EmbeddedServer) -> Iterator[Ring]:
    """Give a ring of sessions on a fresh database of the primary."""
    name = f"patient_{next(numbers)}"
    primary.create_database(name, template=TEMPLATE)
    with open_ring(primary.dsn(name)) as opened:
        yield opened


@pytest.fixture
def look(ring: Ring, wanted: catalog.Catalog) -> Look:
    """Give what examines that database, without patience; the server's settings are left out."""

    def look() -> list[Finding]:
        with psycopg.connect(ring.dsn) as connection:
            found = examine(connection, patience=0, wanted=wanted).findings
        return [finding for finding in found if finding.check != "settings"]

    return look


@pytest.fixture
def far(standby: EmbeddedServer) -> Iterator[Ring]:
    """Give a ring of sessions on the standby."""
    with open_ring(standby.dsn()) as opened:
        yield opened


def told(look: Look) -> list[tuple[str, str]]:
    """Return checks and problems."""
    return [(finding.check, finding.problem) for finding in look()]


def register(verbs: Verbs) -> None:
    """Pretend to be a node that is alive and listens."""
    verbs.run(REGISTER)
    verbs.run(LISTENING)


def end_a_job(verbs: Verbs) -> int:
    """Run one job and return its number."""
    job = verbs.job()
    verbs.claim("etl-1:1")
    verbs.finish(job)
    return job


def open_snapshot(ring: Ring) -> Session:
    """Return a session with a transaction that goes on seeing what is there now."""
    session = ring.session()
    session.verbs.run("begin isolation level repeatable read")
    session.verbs.run("select 1")
    return session


def test_all_checks_are_made_on_each_server(database: str, connect: Connect) -> None:
    """None asks for a column that an older one does not have: that would count as not looked at."""
    connection = connect(database, autocommit=False)

    found = [doctor.ask(connection, name, text, 300) for name, text in doctor.queries()]

    assert len(found) > 10


def test_a_listener_in_a_transaction_keeps_notifications(
    primary: EmbeddedServer, ring: Ring, look: Look
) -> None:
    """Until it ends; nothing is said as long as the queue is all but empty."""
    if primary.binaries is None or primary.binaries.version < 17:
        pytest.skip("before PostgreSQL 17 the queue has 8 GB, which take too long to fill")
    listener = ring.session()
    listener.verbs.run("listen pgdispatch")
    listener.begin()
    listener.verbs.run("select 1")
    before = told(look)
    ring.watch.run(
        "select pg_notify('pgdispatch', repeat('x', 7000) || number) "
        "from generate_series(1, 10) as number"
    )

    (finding,) = look()
    listener.rollback()

    assert before == []
    assert (finding.check, finding.problem) == (
        "notifications stuck", "notifications are not being taken")  # fmt: skip
    assert 10 < int(finding.evidence.split()[6]) < 30
    wait_until(lambda: told(look) == [])


@pytest.mark.usefixtures("newest_only")
def test_an_index_that_has_outgrown_the_queue(database: str, connect: Connect) -> None:
    """After a vacuum, too, which leaves it its size; the advice mends it."""
    verbs = Verbs(connect(database))
    verbs.run("alter table pgdispatch.job disable trigger user")
    verbs.run(READY_JOBS, 150_000)
    verbs.run("delete from pgdispatch.job")
    verbs.run("select pg_stat_force_next_flush()")
    verbs.run("vacuum pgdispatch.job")

    wait_until(lambda: len(bloat(database)) == 1)
    (finding,) = bloat(database)
    verbs.run(finding.advice)

    assert finding.problem == "the index job_ready_idx has outgrown the queue"
    assert " MB for 0 jobs" in finding.evidence
    assert bloat(database) == []


def bloat(dsn: str) -> list[Finding]:
    """Return what the check of that name finds."""
    with psycopg.connect(dsn) as connection:
        return doctor.ask(connection, "bloat", dict(doctor.queries())["bloat"], 0)


@pytest.mark.parametrize("by_slot", [False, True])
def test_a_snapshot_on_a_standby_keeps_dead_rows_here(
    ring: Ring, far: Ring, look: Look, by_slot: bool
) -> None:
    """As long as it is open; a slot remembers it in place of the session that streams."""
    register(ring.watch)
    with following_by_slot(ring, far) if by_slot else nullcontext():
        end_a_job(ring.watch)
        wait_until(lambda: told(look) == [])
        reader = open_snapshot(far)
        job = end_a_job(ring.watch)

        (finding,) = look()
        reader.rollback()
        wait_until(lambda: told(look) == [])

    assert (finding.check, finding.problem) == ("standbys", "standby spare keeps dead rows")
    assert f"since job {job} ended" in finding.evidence
    assert ("slot kept" in finding.evidence) == by_slot
    assert "hot_standby_feedback" in finding.advice


@pytest.mark.usefixtures("standby")
def test_a_transaction_that_writes_here_is_not_blamed_on_the_standby(
    ring: Ring, look: Look
) -> None:
    """The standby cannot look past it either."""
    register(ring.watch)
    writer = ring.session(begin=True)
    writer.verbs.job()
    end_a_job(ring.watch)
    expected = [("long snapshots", f"process {writer.pid} holds an old snapshot")]

    wait_until(lambda: told(look) == expected)


def test_a_subscriber_that_lags_keeps_dead_rows_of_catalogues(
    primary: EmbeddedServer, ring: Ring, look: Look
) -> None:
    """Not those of the queue."""
    register(ring.watch)
    with subscribing(primary, ring):
        end_a_job(ring.watch)
        wait_until(lambda: len(told(look)) == 1)

        (finding,) = look()

    assert finding.problem == "subscriber pg_recvlogical keeps dead rows of catalogues"
    assert finding.advice.startswith("see why that subscriber does not keep up")
