"""The two commands that bring everything along: the demo, and a server of one's own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg

from pgdispatch.embedded import find_binaries
from pgdispatch.host.procfs import command_line, everybody
from support.cli.command import COMMAND, command_environment
from support.nodes.processes import environment, wait_until

DEADLINE = 170


def processes_of(marker: str) -> list[str]:
    """Return the command lines of all processes whose environment or arguments hold `marker`."""
    return [
        command_line(pid)
        for pid in everybody()
        if marker in command_line(pid) or marker.encode() in environment(pid)
    ]


def test_demo_proves_its_own_order_and_leaves_nothing(data_folder: Path) -> None:
    """Its exit status is 0 only if every check that it prints has passed."""
    folder = data_folder
    folder.mkdir(mode=0o755)

    done = subprocess.run(
        [str(COMMAND), "demo", "--plain"],
        env={**command_environment(None), "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "none started out of order, no gate was ever exceeded" in done.stdout
    assert "WRONG" not in done.stdout
    assert re.search(r"the console is at http://127\.0\.0\.1:\d+/enter/", done.stdout)
    assert list(folder.iterdir()) == []
    assert processes_of(str(folder)) == []


@contextmanager
def up(folder: Path) -> Iterator[str]:
    """Run `pgdispatch up` until it serves; yield the dsn; end it as Ctrl-C does."""
    process = subprocess.Popen(
        [str(COMMAND), "up", "--data-folder", str(folder), "--processes", "1"],
        env=command_environment(None, PGDISPATCH_PG_BIN=str(find_binaries().folder)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=(folder.parent / "up.log").open("ab"),
        start_new_session=True,
    )
    dsn = f"host={folder / 'socket'} port=5432 user=pgdispatch dbname=pgdispatch"
    try:
        wait_until(lambda: is_up(dsn))
        yield dsn
    finally:
        os.killpg(process.pid, signal.SIGINT)
        status = process.wait(timeout=30)
    if status != 0:
        raise AssertionError(f"up ended with status {status}")


def is_up(dsn: str) -> bool:
    """Tell whether the node has signed on."""
    try:
        with psycopg.connect(dsn) as connection:
            query = "select from pgdispatch.node where heartbeat_at is not null"
            return connection.execute(query).fetchone() is not None
    except psycopg.Error:
        return False


def entrance_of(folder: Path) -> str:
    """Return the address of the console that has been printed."""
    (address,) = re.findall(
        r"the console is at (http://\S+)", (folder.parent / "up.log").read_text()
    )
    return str(address)


def shown_by(entrance: str) -> tuple[int, bool]:
    """Enter the console; return the status, and whether one may sign out, which needs a sign-in."""
    answer = httpx.get(entrance, follow_redirects=True)
    return answer.status_code, "Sign out" not in answer.text


def ended(dsn: str) -> int:
    """Return how many jobs have ended."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select count(*) from pgdispatch.job_history").fetchone()
    return 0 if row is None else int(row[0])


def test_up_serves_jobs_and_keeps_the_data_for_next_time(data_folder: Path) -> None:
    """One job runs; after Ctrl-C nothing is left but the data, which the next start finds."""
    with up(data_folder) as dsn:
        entrance = entrance_of(data_folder)
        assert shown_by(entrance) == (200, True)
        assert shown_by(entrance)[0] == 403  # it is good for once
        with psycopg.connect(dsn) as connection:
            connection.execute("insert into pgdispatch.job (type) values ('system')")
        wait_until(lambda: ended(dsn) == 1)

    left = processes_of(str(data_folder))

    assert left == []
    with up(data_folder) as dsn:
        assert ended(dsn) == 1
    said = (data_folder / "server.log").read_text()  # of the second start: the first polls in vain
    assert [line for line in said.splitlines() if "ERROR:" in line] == []
