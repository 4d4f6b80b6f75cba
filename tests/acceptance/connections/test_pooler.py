"""Nodes behind a real pgbouncer in transaction mode: all but the wake-up works as without one.

pgbouncer is the machine's own, or fetched from Debian's packages. On the newest server only.
"""

from __future__ import annotations

import signal
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from support.bad_input import odd
from support.cli.command import COMMAND, command_environment, run_command
from support.nodes.cluster import Cluster
from support.nodes.processes import wait_until
from support.servers.debian import MissingProgramError, Program, find_or_fetch
from support.servers.embedded import Connect
from support.servers.pgbouncer import Bouncer, open_bouncer

pytestmark = pytest.mark.usefixtures("newest_only")
ENDED = "select count(*) from pgdispatch.job_history"
LEFT_IN_THE_SESSION = """
select
    array(select name from pg_prepared_statements) as prepared,
    array(select pg_listening_channels()) as listens,
    array(select locktype from pg_locks where locktype = 'advisory') as locks
"""
ODD_IN_THE_SESSION = """
select name, setting
from pg_catalog.pg_settings
where name in ('IntervalStyle', 'bytea_output', 'extra_float_digits')
"""


@pytest.fixture(scope="session")
def pgbouncer() -> Iterator[Program]:
    """Give the program; a test is skipped where there is none to be had."""
    with tempfile.TemporaryDirectory(prefix="pgdispatch-bouncer-", dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        try:
            yield find_or_fetch("pgbouncer", package="pgbouncer", folder=folder)
        except MissingProgramError as error:
            pytest.skip(str(error))


@pytest.fixture
def bouncer(pgbouncer: Program, database: str) -> Iterator[Bouncer]:
    """Give a pooler before the test's database, with one server connection for all."""
    with open_bouncer(pgbouncer, database, default_pool_size=1) as running:
        yield running


def test_a_node_leaves_nothing_in_the_one_session_that_it_shares(
    bouncer: Bouncer, cluster: Cluster, connect: Connect
) -> None:
    """Three connections take turns on it, of four processes; a new job is found by the poll."""
    pooled = bouncer.dsn(cluster.dsn)
    jobs = [cluster.job("nothing", datasource=f"d{number % 3}") for number in range(60)]
    cluster.start(processes=4, dsn=pooled)
    outcomes = Counter(cluster.ended(job)["outcome"] for job in jobs)

    wait_until(lambda: bool(cluster.verbs.value("select is_idle from pgdispatch.node")))
    late = cluster.ended(cluster.job("nothing"), within=5)
    clients = [row for row in bouncer.show("clients") if row[2] != "pgbouncer"]
    left = connect(pooled, prepare_threshold=None).execute(LEFT_IN_THE_SESSION).fetchone()

    assert outcomes == {"succeeded": 60}
    assert late["outcome"] == "succeeded"
    assert len(clients) == 3
    assert left == ([], [], [])
    assert len(bouncer.show("servers")) == 1
    assert "not linked" not in bouncer.log


def test_restarts_of_the_pooler_lose_no_job_and_run_none_twice(
    bouncer: Bouncer, cluster: Cluster
) -> None:
    """By SIGTERM and by SIGKILL, and once the server ends all that came through it."""
    pooled = bouncer.dsn(cluster.dsn)
    node = cluster.start(processes=3, dsn=pooled)
    cluster.up("n:3")
    producer = Producer(pooled)

    for number in (signal.SIGTERM, signal.SIGKILL, None, signal.SIGKILL, signal.SIGTERM):
        work_on(cluster)
        if number is None:
            cluster.verbs.run(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        else:
            bouncer.restart(number)
    committed = producer.stop()
    wait_until(lambda: not cluster.verbs.values("select id from pgdispatch.job"), within=90)

    ended = cluster.verbs.values("select id from pgdispatch.job_history")
    runs = Counter(int(line.split()[0]) for line in cluster.runs())
    assert committed <= set(ended)
    assert set(runs) == set(ended)
    assert set(runs.values()) == {1}
    assert cluster.verbs.values(
        "select distinct outcome || losses from pgdispatch.job_history"
    ) == ["succeeded0"]
    assert "the database is away" in node.log
    assert cluster.verbs.values("select job from pgdispatch.swept_job") == []


def test_neither_node_nor_command_depends_on_defaults_of_the_session_that_they_share(
    bouncer: Bouncer, cluster: Cluster
) -> None:
    """Nor do they change them for the others who use it next."""
    verbs = cluster.verbs
    verbs.schedule("often", recurrence="every 15 minutes", missed_runs="once")
    verbs.task("system", schedule="often", args='{"do": "nothing"}', title="日本")
    odd.make_odd(cluster.dsn, with_traps=True)
    pooled = bouncer.dsn(cluster.dsn)
    bouncer.restart(signal.SIGTERM)  # whose session is of before

    node = cluster.start(processes=2, dsn=pooled)
    verbs.run("update pgdispatch.schedule set next_run_at = now() - interval '20 minutes'")
    jobs = [cluster.job("nothing", title="日本") for _ in range(20)]
    ended = [cluster.ended(job)["outcome"] for job in jobs]
    wait_until(lambda: verbs.values("select 1 from pgdispatch.job_history where task = 1") == [1])
    waiting = cluster.job("nothing", not_before="2100-01-01")
    looks = [
        run_command(pooled, *words, "--json")
        for words in (["queue"], ["jobs"], ["status"], ["schedule", "list"])
    ]
    steered = run_command(pooled, "cancel", str(waiting))
    session = odd.connect(pooled, prepare_threshold=None, autocommit=False)
    session.rollback()
    left = session.execute(ODD_IN_THE_SESSION).fetchall()
    session.close()

    assert set(ended) == {"succeeded"}
    assert [look.status for look in looks] == [0, 0, 0, 0]
    assert steered.status == 0
    assert dict(left).items() <= odd.SETTINGS.items()
    assert len(left) == 3
    assert "Traceback" not in node.log


def test_startup_options_that_a_pooler_refuses_are_named(
    bouncer: Bouncer, cluster: Cluster
) -> None:
    """The supervisor does without them; the backgrounders say what the pooler said."""
    node = cluster.start(processes=1, dsn=bouncer.dsn(f"{cluster.dsn} options='-c jit=off'"))

    wait_until(lambda: "unsupported startup parameter: options" in node.log)


def work_on(cluster: Cluster) -> None:
    """Return once another 60 jobs have ended."""
    enough = cluster.verbs.value(ENDED) + 60
    wait_until(lambda: bool(cluster.verbs.value(ENDED) >= enough))


class Producer:
    """A program that commits jobs, one a transaction, and connects anew when it has to."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._committed: set[int] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> set[int]:
        """End it and return the jobs whose commit was answered."""
        self._stopping.set()
        self._thread.join()
        return self._committed

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                with psycopg.connect(self._dsn, autocommit=True, prepare_threshold=None) as opened:
                    while not self._stopping.wait(0.002):
                        self._committed.add(insert(opened))
            except psycopg.OperationalError:
                self._stopping.wait(0.01)


def insert(connection: psycopg.Connection) -> int:
    """Insert a job that does nothing and return its number."""
    row = connection.execute(
        "insert into pgdispatch.job (type, args) values ('system', '{}') returning id"
    ).fetchone()
    return int(row[0]) if row else 0


def test_a_log_is_followed_through_it_and_its_restart(bouncer: Bouncer, cluster: Cluster) -> None:
    """Each look is a transaction; where the one server connection is another's, it waits."""
    job = cluster.job("report")
    pooled = bouncer.dsn(cluster.dsn)
    cluster.start(processes=1, dsn=pooled)
    cluster.running(job)
    out = cluster.folder / "out"
    with (
        out.open("w") as output,
        subprocess.Popen(
            [str(COMMAND), "logs", str(job), "--follow"],
            env=command_environment(pooled),
            stdout=output,
        ) as follower,
    ):
        try:
            wait_until(lambda: "line 2000\n" in out.read_text(), within=60)
            bouncer.restart(signal.SIGTERM)
            cluster.release(job)
            status = follower.wait(60)
        finally:
            follower.kill()

    said = [line[13:] for line in out.read_text().splitlines() if line[2:3] == ":"]
    assert status == 0
    assert said == [f"line {number}" for number in range(1, 20_001)]
