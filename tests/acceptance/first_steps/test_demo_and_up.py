"""The two commands that bring everything along: the demo, and a server of one's own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from pgdispatch.embedded import find_binaries
from pgdispatch.host.procfs import command_line, everybody
from pgdispatch.up import CATALOGUE
from support.checkout import ROOT
from support.cli.command import COMMAND, command_environment
from support.nodes.processes import environment, wait_until

DEADLINE = 170
BASH = "/bin/bash"


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
        [str(COMMAND), "up", "--data-folder", str(folder), "--backgrounders", "1"],
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


@pytest.mark.usefixtures("newest_only")
def test_three_steps_of_the_readme_lead_to_the_first_job(
    empty_database: str, data_folder: Path
) -> None:
    """Its own lines, on a database that is there. The console only looks; no password is shown."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.partition("## In a database that is there\n")[2].partition("```sh\n")[2]
    start, enqueue, look = block.partition("```")[0].strip().splitlines()
    data_folder.mkdir()
    (data_folder / "catalogue.toml").write_text(CATALOGUE)
    dsn = f"{empty_database} password=hidden"
    shell = {
        **command_environment(dsn, PGDISPATCH_CATALOGUE=str(data_folder / "catalogue.toml")),
        "PATH": f"{COMMAND.parent}:{os.environ['PATH']}",
    }
    log = data_folder.parent / "three.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [BASH, "-c", f"exec {start}"],
            env=shell, stdin=subprocess.DEVNULL, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        wait_until(lambda: is_up(empty_database) and "the console is at" in log.read_text())
        queued = subprocess.run([BASH, "-c", enqueue], env=shell, check=True, capture_output=True)
        wait_until(lambda: ended(empty_database) == 1)
        looked = subprocess.run([BASH, "-c", look], env=shell, check=True, capture_output=True)
        family = processes_of(str(data_folder))
        (entrance,) = re.findall(r"the console is at (\S+); it only looks", log.read_text())
        answer = httpx.get(entrance, follow_redirects=True)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        status = process.wait(timeout=30)

    assert (status, answer.status_code) == (0, 200)
    assert queued.stdout == b"job 1 queued\n"
    assert b"succeeded" in looked.stdout
    assert b"First" in looked.stdout
    assert len(family) >= 2  # the console, too
    assert not any("hidden" in line for line in family)
    assert socket.gethostname() in log.read_text()
