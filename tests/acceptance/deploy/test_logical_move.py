"""A queue moves to another server, and another major version, by logical replication.

What is done here is what sql/OPERATING.md says.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgdispatch.doctor import examine
from pgdispatch.embedded import EmbeddedServer, find_binaries
from pgdispatch.schema import installer
from support.nodes.cluster import open_cluster
from support.nodes.processes import wait_until
from support.servers.embedded import SETTINGS, installed_versions, open_server
from support.sessions.generations import step_to
from support.sessions.verbs import Verbs

NAME = "etl"
LOGICAL = {**SETTINGS, "wal_level": "logical"}
QUICK = {"wal_retrieve_retry_interval": "100ms"}
COPIED = "select count(*) from pg_subscription_rel where srsubstate <> 'r'"
BEHIND = (
    "select pg_current_wal_insert_lsn() - confirmed_flush_lsn from pg_replication_slots "
    "where slot_name = 'moving'"
)
PROBLEMS = ("sequences", "schema", "drift", "owners", "grants", "missing grants")


@pytest.fixture
def old() -> Iterator[EmbeddedServer]:
    """Give a server with a queue, of the oldest version that is here."""
    oldest = next(iter(installed_versions().values()))
    with open_server(oldest, LOGICAL) as running:
        running.create_database(NAME)
        installer.install(running.dsn(NAME))
        yield running


@pytest.fixture
def new() -> Iterator[EmbeddedServer]:
    """Give an empty server of the newest version."""
    with open_server(find_binaries(), {**LOGICAL, **QUICK}) as running:
        running.create_database(NAME)
        yield running


def copy_schema(old: EmbeddedServer, new: EmbeddedServer) -> None:
    """Take over roles and schema by the programs of the new version."""
    assert new.binaries is not None  # it runs
    folder = new.binaries.folder
    for source, target, command in (
        (old.dsn(), new.dsn(), ["pg_dumpall", "--roles-only"]),
        (old.dsn(NAME), new.dsn(NAME), ["pg_dump", "--schema-only", "--schema=pgdispatch"]),
    ):
        text = subprocess.run(
            [str(folder / command[0]), *command[1:], f"--dbname={source}"],
            check=True, capture_output=True,
        ).stdout  # fmt: skip
        subprocess.run(
            [str(folder / "psql"), "-qX", target], input=text, check=True, capture_output=True
        )


def problems(dsn: str) -> set[str]:
    """Return which checks of the doctor find something in the schema."""
    with psycopg.connect(dsn) as connection:
        return {one.check for one in examine(connection).findings} & set(PROBLEMS)


def test_a_queue_that_was_moved_by_logical_replication_goes_on(
    old: EmbeddedServer, new: EmbeddedServer, tmp_path: Path
) -> None:
    """No job is lost, no number comes twice, and the doctor has nothing to say of sequences."""
    with (
        psycopg.connect(old.dsn(NAME), autocommit=True) as here,
        psycopg.connect(new.dsn(NAME), autocommit=True) as there,
    ):
        before, after = Verbs(here), Verbs(there)
        task = before.task("system", args='{"do": "nothing"}')
        early = [before.job(args='{"do": "nothing"}', priority=number) for number in (30, 10)]
        before.finish(before.claim() or 0)
        copy_schema(old, new)

        before.run(
            "create publication moving for tables in schema pgdispatch "
            "with (publish_via_partition_root = true)"
        )
        after.run(f"create subscription moving connection '{old.dsn(NAME)}' publication moving")
        wait_until(lambda: after.value(COPIED) == 0, within=30)
        step_to(before, "closing", older=True)
        early.append(before.job(args='{"do": "nothing"}', priority=20))
        before.site("acme", daily_seconds=60)
        before.finish(before.claim() or 0)
        wait_until(lambda: before.value(BEHIND) <= 0, within=30)
        after.run("drop subscription moving")
        found = problems(new.dsn(NAME))

        after.run("select pgdispatch.catch_up_sequences()")

        left = problems(new.dsn(NAME))
        late = after.job(args='{"do": "nothing"}')
        assert (found, left) == ({"sequences"}, set())
        assert late > max(early)
        assert after.run_now(task) > late
        assert after.site("globex") == "globex"
        assert after.values("select job from pgdispatch.queue where job = any (%s)", early) == [
            early[0]
        ]
        with open_cluster(new.dsn(NAME), tmp_path) as cluster:
            cluster.start("new", processes=1)
            ended = [cluster.ended(job)["outcome"] for job in (early[0], late)]
        assert ended == ["succeeded", "succeeded"]
        assert after.value("select count(*) from pgdispatch.job_history") == 5
