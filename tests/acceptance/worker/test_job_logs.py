"""The log of a job while it runs: kept whatever ends, read once, and no dearer for short jobs."""

from __future__ import annotations

import os
import re
import signal
import subprocess

import pytest

from pgdispatch.embedded import EmbeddedServer
from support.cli.command import COMMAND, END_SESSIONS, command_environment, run_command
from support.nodes.cluster import Cluster
from support.nodes.processes import wait_until

pytestmark = pytest.mark.usefixtures("newest_only")

ALL = [f"line {number}" for number in range(1, 20_001)]


def written(cluster: Cluster, *jobs: int) -> None:
    """Wait until half of each log, which has 700 KB, is written: a part a second."""
    wait_until(lambda: all(len(cluster.logged(job)) > 10_000 for job in jobs), within=60)


def test_a_log_is_followed_while_the_job_runs_and_each_line_is_told_once(cluster: Cluster) -> None:
    """Over the seam to what goes with the end; a job that ends soon writes nothing there."""
    job, short = cluster.job("report"), cluster.job("fail")
    cluster.start(processes=2)
    cluster.running(job)
    with subprocess.Popen(
        [str(COMMAND), "logs", str(job), "--follow"],
        env=command_environment(cluster.dsn),
        stdout=subprocess.PIPE,
        text=True,
    ) as follower:
        written(cluster, job)
        shown = run_command(cluster.dsn, "show", str(job)).out
        cluster.release(job)
        followed = follower.communicate(timeout=60)[0].splitlines()

    wait_until(lambda: cluster.logged(job) == ALL)
    said = [line[13:] for line in followed if line[2:3] == ":"]
    assert followed[0] == "attempt 1, times in UTC"
    assert said == ALL
    assert re.search(r"\n  \d\d:\d\d:\d\d\.\d{3} line \d+\n", shown)
    assert cluster.ended(short)["log"] is not None
    assert cluster.verbs.values("select distinct job from pgdispatch.job_log") == [job]


def test_a_follower_outlasts_a_restart_of_the_database_and_retention(
    own_server: EmbeddedServer, own_cluster: Cluster
) -> None:
    """A partition beside it is dropped meanwhile; each line is told once, and so is each outage."""
    cluster = own_cluster
    job = cluster.job("report")
    cluster.start(processes=1)
    cluster.running(job)
    out, err = cluster.folder / "out", cluster.folder / "err"
    with (
        out.open("w") as output,
        err.open("w") as remarks,
        subprocess.Popen(
            [str(COMMAND), "logs", str(job), "-f"],
            env=command_environment(cluster.dsn),
            stdout=output,
            stderr=remarks,
        ) as follower,
    ):
        try:
            written(cluster, job)
            wait_until(lambda: "line 9000\n" in out.read_text())
            cluster.verbs.run("select pgdispatch.add_month('job_log', '2001-01-01Z')")
            cluster.verbs.run("select pgdispatch.roll_history()")
            old = cluster.verbs.value("select to_regclass('pgdispatch.job_log_2001_01')")
            cluster.verbs.run(END_SESSIONS)
            wait_until(lambda: "database is back" in err.read_text())
            own_server.crash()
            wait_until(lambda: err.read_text().count("is away") == 2)
            own_server.restart()
            cluster.connect()
            cluster.release(job)
            status = follower.wait(60)
        finally:
            follower.kill()

    said = [line[13:] for line in out.read_text().splitlines() if line[2:3] == ":"]
    assert (status, old) == (0, None)
    assert said == ALL
    told = [line for line in err.read_text().splitlines() if line.startswith("the database")]
    away = "the database is away, going on when it is back"
    assert told == [away, "the database is back"] * 2


def test_what_was_written_is_there_after_a_kill(cluster: Cluster) -> None:
    """Of the backgrounder, or of the supervisor; it belongs to the attempt that logged it."""
    cluster.set(lease_seconds=8)
    jobs = [cluster.job("report"), cluster.job("report")]
    cluster.start("a", processes=1)
    second = cluster.start("b", processes=1)
    cluster.running(*jobs)
    on = {cluster.runs(job)[0]: job for job in jobs}
    written(cluster, *jobs)

    os.kill(cluster.up("a:1"), signal.SIGKILL)
    second.process.kill()
    killed = cluster.ended(on["a:1"])
    cluster.release(on["b:1"])
    again = cluster.ended(on["b:1"], within=60)

    assert killed["failed_as"] == "killed"
    assert again["attempt"] == 2
    for job in jobs:
        assert cluster.logged(job, 1)[:10_000] == ALL[:10_000]


def test_of_a_log_that_is_too_long_the_first_and_the_last_half_are_kept(cluster: Cluster) -> None:
    """And what was left out between them is told."""
    job = cluster.job("report")
    cluster.release(job)
    cluster.start(processes=1, more=["--log-keep", "64KB"])
    cluster.ended(job)

    wait_until(lambda: cluster.logged(job)[:1] == ["line 1"])
    kept = cluster.logged(job)
    shown = run_command(cluster.dsn, "logs", str(job)).out

    size = sum(26 + len(line) for line in kept)
    assert (kept[0], kept[-1]) == (ALL[0], ALL[-1])
    assert 63_000 < size <= 65_536
    assert f"\n… {20_000 - len(kept):,} lines left out\n" in shown
    last = run_command(cluster.dsn, "logs", str(job), "--last", "2").out
    assert last.splitlines()[2:] == shown.splitlines()[-2:]
