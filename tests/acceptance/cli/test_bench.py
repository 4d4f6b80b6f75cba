"""`pgdispatch bench` measures an operator's own server and leaves nothing there."""

from __future__ import annotations

import signal
import subprocess

import psycopg
import pytest

from support.cli.command import COMMAND, command_environment, run_command
from support.nodes.processes import wait_until
from support.servers.embedded import Connect

SCHEMAS = "select array_agg(nspname::text order by nspname) from pg_namespace"
SESSIONS = """
select count(*)
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""

pytestmark = pytest.mark.usefixtures("newest_only")


def value(connection: psycopg.Connection, query: str) -> object:
    """Return the only value of a query."""
    row = connection.execute(query.encode()).fetchone()
    return None if row is None else row[0]


def count_sessions(connection: psycopg.Connection) -> int:
    """Return how many others are connected to the database."""
    return int(str(value(connection, SESSIONS)))


def test_bench_measures_beside_an_installation_that_it_leaves_alone(
    database: str, connect: Connect
) -> None:
    """A job that waits there is not run, and afterwards there is no other schema."""
    connection = connect(database)
    connection.execute("insert into pgdispatch.job (type) values ('system')")
    before = value(connection, SCHEMAS)

    done = run_command(database, "bench", "--jobs", "200", "--clients", "2", "--json")

    assert (done.status, value(connection, SCHEMAS)) == (0, before)
    assert value(connection, "select array_agg(state) from pgdispatch.job") == ["ready"]
    measured = {row["what"]: row for row in done.rows()}
    assert len(measured) == 7
    assert all(row["value"] > 0 for row in measured.values())
    assert measured["pgdispatch, 2 clients"]["of_limit"] > 0


def test_bench_that_is_interrupted_drops_its_schema(database: str, connect: Connect) -> None:
    """Ctrl-C in the middle of a drain; its clients end, too."""
    connection = connect(database)
    before = value(connection, SCHEMAS)
    process = subprocess.Popen(
        [str(COMMAND), "bench", "--jobs", "20000"],
        env=command_environment(database),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(  # one of its clients has connected, too
        lambda: count_sessions(connection) > 1, within=60
    )

    process.send_signal(signal.SIGINT)
    status = process.wait(30)

    assert status == 130
    assert value(connection, SCHEMAS) == before
    wait_until(lambda: count_sessions(connection) == 0)


def test_bench_refuses_a_schema_that_exists(database: str, connect: Connect) -> None:
    """It is somebody's, and stays."""
    connection = connect(database)
    connection.execute("create schema pgdispatch_bench")

    done = run_command(database, "bench", "--jobs", "100")

    assert (done.status, done.out) == (1, "")
    assert "error: schema pgdispatch_bench exists already" in done.err
    assert value(connection, "select to_regnamespace('pgdispatch_bench') is not null") is True
