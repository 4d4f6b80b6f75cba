"""What is wrong is said in one form, with a fitting exit status, and never with a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from pgdispatch.embedded import default_data_folder
from pgdispatch.schema.release import LEVEL
from pgdispatch.version import VERSION
from pgdispatch_cli.connecting import embedded_target
from support.cli.command import COMMAND, command_environment, run_command
from support.nodes.processes import wait_until
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")
UNREACHABLE = "postgresql://anna:secret@127.0.0.1:1/etl"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["enqueue", "nope"], "job type 'nope' does not exist"),
        (["enqueue", "system", "--priority", "0"], "priority 0 is not between 1 and 100"),
        (["show", "7"], "job 7 does not exist"),
        (["run-now", "7"], "task 7 does not exist"),
        (["site", "add", "default"], "site default already exists"),
        (["site", "add", "a/b"], "site a/b has a wrong name"),
        (["task", "change", "7", "--title", "x"], "task 7 does not exist"),
    ],
)
def test_what_the_database_refuses_is_status_1_with_a_hint(
    database: str, arguments: list[str], message: str
) -> None:
    """The first line says what was wrong, the last what to do."""
    done = run_command(database, *arguments)

    assert (done.status, done.out) == (1, "")
    assert done.err.startswith(f"error: {message}\n")
    assert done.err.splitlines()[-1].startswith("hint: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope"], "no such command 'nope'"),
        (["show", "x"], "invalid value for 'JOB': 'x' is not the number of a job or task"),
        (["enqueue"], "name a job type, or a task with --task"),
        (["enqueue", "system", "--args", "[1]"], "invalid value for '--args': a JSON array"),
        (["enqueue", "system", "--title", os.fsdecode(b"\xff")], "the argument '\\udcff'"),
        (["site", "change", "default"], "nothing to change was given"),
        (["--dsn", "hunter2", "queue"], "--dsn is not a connection string"),
    ],
)
def test_wrong_usage_is_status_2_and_points_at_the_help(
    database: str, arguments: list[str], message: str
) -> None:
    """The database is not even asked."""
    done = run_command(database, *arguments)

    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"error: {message}")
    assert done.err.splitlines()[-1].startswith("hint: see: pgdispatch")
    assert "hunter2" not in done.err


def test_a_database_that_cannot_be_reached_is_status_3() -> None:
    """Libpq's first line is the detail; the password is not repeated."""
    done = run_command(UNREACHABLE, "queue")

    assert done.status == 3
    assert done.err.startswith("error: the database cannot be reached\ndetail: ")
    assert done.err.endswith("hint: see where it is looked for: pgdispatch dsn\n")
    assert "secret" not in done.err


def test_no_database_at_all_is_status_3(tmp_path: Path) -> None:
    """The hint names the ways to give one."""
    if embedded_target(default_data_folder()) is not None:
        pytest.skip("a server of `pgdispatch up` is running here, and would be found")

    done = run_command(None, "dsn", HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path))

    assert done.status == 3
    assert done.err.startswith("error: no database is configured\nhint: pass --dsn or set ")


def test_dsn_hides_the_password_and_says_where_it_is_from() -> None:
    """--dsn counts before PGDISPATCH_DSN, and that before libpq's variables."""
    given = run_command("host=b", "--dsn", UNREACHABLE, "dsn")
    environment = run_command("host=b", "dsn", PGHOST="c")
    libpq = run_command(None, "dsn", PGHOST="c", PGPASSWORD="secret")

    assert "password=***" in given.out
    assert "secret" not in given.out + libpq.out
    assert given.err == "from --dsn\n"
    assert (environment.out, environment.err) == ("host=b\n", "from PGDISPATCH_DSN\n")
    assert (libpq.out, libpq.err) == ("host=c\n", "from PGHOST\n")


def test_a_schema_of_another_version_is_status_4(database: str, connect: Connect) -> None:
    """Nothing is read from it."""
    connect(database).execute("update pgdispatch.schema_version set level = 1, oldest_level = 1")

    done = run_command(database, "queue")

    assert (done.status, done.out) == (4, "")
    assert done.err == (
        "error: the schema pgdispatch is older than this version\n"
        f"detail: it is of {VERSION} and serves level 1 to 1; this is {VERSION}, level {LEVEL}\n"
        "hint: run: pgdispatch install\n"
    )


def test_enqueue_needs_no_more_than_a_producer_may(database: str, connect: Connect) -> None:
    """The same user is told which role it takes to look."""
    connection = connect(database)
    connection.execute("drop role if exists cli_producer")
    connection.execute("create role cli_producer login in role pgdispatch_producer")
    as_producer = make_conninfo(database, user="cli_producer")

    added = run_command(as_producer, "enqueue", "system")
    looked = run_command(as_producer, "queue")
    connection.execute("drop role cli_producer")

    assert (added.status, added.out) == (0, "job 1 queued\n")
    assert looked.status == 1
    assert looked.err.startswith("error: permission denied for view queue\n")
    assert "pgdispatch_viewer" in looked.err.splitlines()[-1]


def heed_interrupts() -> None:
    """Undo what a shell does to programs in the background: they ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_interrupting_a_command_is_status_130_without_a_word(
    database: str, connect: Connect
) -> None:
    """Here while it waits for a lock that somebody holds."""
    connection = connect(database, autocommit=False)
    connection.execute("lock table pgdispatch.job")
    waits = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = %s"
    watcher = connect(database)
    with subprocess.Popen(
        [COMMAND, "enqueue", "system"],
        env=command_environment(database),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,  # noqa: PLW1509  # nothing runs beside it here
    ) as command:
        wait_until(lambda: bool(watcher.execute(waits, [watcher.info.dbname]).fetchall()))
        command.send_signal(signal.SIGINT)
        _, err = command.communicate(timeout=30)

    assert (command.returncode, err.strip()) == (130, "")


def test_a_closed_pipe_is_no_error_of_ours(database: str, connect: Connect) -> None:
    """As in `pgdispatch queue --json | head -1`."""
    connect(database).execute(
        "insert into pgdispatch.job (type) select 'system' from generate_series(1, 2000)"
    )
    with subprocess.Popen(
        [COMMAND, "queue", "--json", "--limit", "2000"],
        env=command_environment(database),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as command:
        if command.stdout is not None:
            command.stdout.readline()
            command.stdout.close()
        err = command.stderr.read() if command.stderr is not None else b""

    assert err == b""
