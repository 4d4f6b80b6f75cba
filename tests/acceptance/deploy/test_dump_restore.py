"""A dump taken while jobs run, restored into a new server: the queue works there.

On the newest server only, to save time.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgdispatch.doctor import examine
from pgdispatch.embedded import Binaries, EmbeddedServer
from support.cli.command import run_command
from support.nodes.cluster import Cluster, open_cluster
from support.nodes.processes import wait_until
from support.servers.embedded import open_server

pytestmark = pytest.mark.usefixtures("newest_only")
ROLES = "select count(*) from pg_roles where rolname ~ '^pgdispatch_'"
ORDER = "select job, state, reason from pgdispatch.queue"


@pytest.fixture
def new_server(binaries: Binaries) -> Iterator[EmbeddedServer]:
    """Give another server, which has never heard of pgdispatch."""
    with open_server(binaries) as running:
        yield running


def dump(binaries: Binaries, dsn: str, file: Path) -> None:
    """Dump a database as an operator would."""
    program = binaries.folder / "pg_dump"
    subprocess.run([str(program), "--format=custom", f"--file={file}", dsn], check=True)


def restore(binaries: Binaries, dsn: str, file: Path, *options: str) -> str:
    """Restore a dump and return what `pg_restore` complained about."""
    command = [str(binaries.folder / "pg_restore"), *options, f"--dbname={dsn}", str(file)]
    return subprocess.run(command, check=False, capture_output=True, text=True).stderr


def busy_queue(cluster: Cluster) -> tuple[list[int], list[int]]:
    """Start a node; return two jobs that run there, and some that wait in every way."""
    cluster.set(lease_seconds=8)
    running = [cluster.job(datasource="sales"), cluster.job()]
    cluster.start("old", processes=2)
    cluster.running(*running)
    parked = [cluster.job("nothing", datasource="sales", priority=9) for _ in range(2)]
    ready = [cluster.job("nothing") for _ in range(3)]
    cluster.job("nothing", not_before="2100-01-01")
    for _ in range(3):
        cluster.verbs.tend()  # the dump finds a generation that is just being opened
    ready += [cluster.job("nothing") for _ in range(3)]
    return running, parked + ready


def drifts(dsn: str) -> list[str]:
    """Return what the doctor says of the schema and its rights."""
    with psycopg.connect(dsn) as connection:
        found = examine(connection).findings
    return [
        one.problem for one in found if one.check in ("schema", "drift") or "grant" in one.check
    ]


def test_a_dump_restored_into_a_new_server_is_a_working_queue(
    binaries: Binaries, cluster: Cluster, new_server: EmbeddedServer, tmp_path: Path
) -> None:
    """Jobs that ran go back to their place once the lease is over; roles come from the old one."""
    running, waiting = busy_queue(cluster)
    dump(binaries, cluster.dsn, tmp_path / "dump")
    order = cluster.verbs.rows(ORDER)
    roles = subprocess.run(
        [str(binaries.folder / "pg_dumpall"), "--roles-only", f"--dbname={cluster.dsn}"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    psql = [str(binaries.folder / "psql"), "-qX", new_server.dsn()]
    subprocess.run(psql, input=roles, text=True, check=True, capture_output=True)

    complaints = restore(binaries, new_server.dsn(), tmp_path / "dump", "--exit-on-error")

    assert complaints == ""
    assert drifts(new_server.dsn()) == []
    (tmp_path / "new").mkdir()
    with open_cluster(new_server.dsn(), tmp_path / "new") as other:
        assert other.verbs.rows(ORDER) == order
        other.release(*running)
        other.start("new", processes=2)
        ended = [other.ended(job, within=40) for job in [*running, *waiting]]
        late = other.ended(other.job("nothing"))
        assert other.verbs.values("select state from pgdispatch.job") == ["delayed"]
        assert other.verbs.values("select job from pgdispatch.swept_job") == []
    assert {row["outcome"] for row in [*ended, late]} == {"succeeded"}
    assert [row["losses"] for row in ended] == [1, 1] + [0] * len(waiting)
    cluster.release(*running)
    assert [cluster.ended(job)["losses"] for job in running] == [0, 0]


def test_without_the_roles_a_restore_says_so_and_an_installation_beside_makes_them(
    binaries: Binaries, cluster: Cluster, new_server: EmbeddedServer, tmp_path: Path
) -> None:
    """The old server is gone: install into another database first, then restore whole."""
    job = cluster.job("nothing")
    dump(binaries, cluster.dsn, tmp_path / "dump")
    with psycopg.connect(new_server.dsn(), autocommit=True) as connection:
        for name in ("naive", "beside", "etl"):
            connection.execute(f"create database {name}")
    dsn = new_server.dsn("etl")

    complaints = restore(binaries, new_server.dsn("naive"), tmp_path / "dump")
    done = run_command(new_server.dsn("beside"), "install")
    restored = restore(binaries, dsn, tmp_path / "dump", "--exit-on-error", "--no-owner")

    assert 'role "pgdispatch_worker" does not exist' in complaints
    assert (done.status, restored, drifts(dsn)) == (0, "", [])
    (tmp_path / "new").mkdir()
    with open_cluster(dsn, tmp_path / "new") as other:
        assert other.verbs.value(ROLES) == 8
        other.start("new", processes=1)
        wait_until(lambda: other.waiting() == [])
        assert other.ended(job)["outcome"] == "succeeded"
