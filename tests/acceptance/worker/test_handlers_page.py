"""The page on handlers is run as it is written, and each row of its table is tried for all kinds.

On the newest server only, to save time.
"""

from __future__ import annotations

import json
import re
import signal
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from support.checkout import ROOT
from support.nodes.cluster import Cluster
from support.nodes.node import Node
from support.nodes.processes import wait_until
from support.pages import python_blocks

pytestmark = pytest.mark.usefixtures("newest_only")

PAGE = ROOT / "worker" / "HANDLERS.md"
KINDS = {
    "function": "full_extract",
    "coroutine": "alert",
    "program": "subscription",
    "stored procedure": "flow",
}
PYTHON = ("function", "coroutine")
OTHERS = ("program", "stored procedure")
LIMITS = ("--memory", "250MB", "--fresh")
FIGURES = {"month": "2030-01-01", "total": "12.50"}
GREEDY_CONFIG = r"""
[handler.subscription]
program = ["sh", "-c", '''
    read -r job
    echo "pid $$"
    case $job in
        *grow*) exec python3 -c 'import signal; x = b"x" * (400 << 20); signal.pause()' ;;
        *deaf*) trap "echo swallowed" TERM; while :; do sleep 0.05; done ;;
    esac
''']
[handler.flow]
procedure = "etl.greedy"
"""
GREEDY_PROCEDURE = """
create procedure etl.greedy(job jsonb) language plpgsql as $$
begin
    raise notice 'pid %', pg_backend_pid();
    if job->'args'->>'do' = 'grow' then
        perform length(repeat('x', 400000000));
    end if;
    while job->'args'->>'do' = 'deaf' loop
        begin
            perform pg_sleep(1000);
        exception when query_canceled then
            raise notice 'swallowed';
        end;
    end loop;
end $$
"""


def block(language: str) -> str:
    """Return the one block of the page in a language."""
    text = PAGE.read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(found)


@dataclass
class Stage:
    """A database with the page's procedure, and a folder with its module, program and file."""

    cluster: Cluster

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self.cluster.folder

    def start(self, name: str, app: str = "my_jobs", **options: Any) -> Node:
        """Start a node with the handlers of the page."""
        return self.cluster.start(
            name,
            app=app,
            config=self.folder / "node.toml",
            environment={"PYTHONPATH": f"{self.folder}:{ROOT / 'tests'}"},
            **options,
        )

    def job(self, kind: str, **args: Any) -> int:
        """Insert a job for a kind of handler, with two attempts."""
        return self.cluster.verbs.job(KINDS[kind], args=json.dumps(args), max_attempts=2)

    def jobs(self, *kinds: str, **args: Any) -> dict[str, int]:
        """Insert one for each."""
        return {kind: self.job(kind, **args) for kind in kinds}

    def attempt(self, job: int) -> dict[str, Any]:
        """Wait until the first attempt at a job has ended without ending that; return it."""
        find = "select * from pgdispatch.attempt where job = %s"
        wait_until(lambda: bool(self.cluster.verbs.rows(find, job)))
        return self.cluster.verbs.row(find, job)


@pytest.fixture
def stage(cluster: Cluster) -> Stage:
    """Give a stage."""
    (cluster.folder / "my_jobs.py").write_text(python_blocks(PAGE)[0])
    program = cluster.folder / "load.sh"
    program.write_text(block("sh"))
    program.chmod(0o755)
    (cluster.folder / "node.toml").write_text(block("toml"))
    cluster.verbs.connection.execute(block("sql"))
    return Stage(cluster)


def test_what_each_kind_of_handler_says_becomes_of_its_job(stage: Stage) -> None:
    """Log, result, fail, for good, again, later; and the log of the node has the lines, too."""
    every = tuple(KINDS)
    node = stage.start("n", processes=4, more=["--log-jobs"])
    good, never, later, bad = (stage.jobs(*every, answer=answer) for answer in (200, 404, 503, 500))
    again = stage.jobs(*PYTHON, answer=429)

    ended = {kind: stage.cluster.ended(job) for kind, job in good.items()}
    logs = {kind: row["log"].splitlines() for kind, row in ended.items()}
    assert logs["function"] == ["loading", "INFO my_jobs: month by month"]
    assert logs["coroutine"][:2] == ["watching", "INFO my_jobs: month by month"]
    assert [logs[kind] for kind in OTHERS] == [["loading"]] * 2
    assert [ended[kind]["result"] for kind in KINDS] == [FIGURES, FIGURES, None, None]
    assert [ended[kind]["progress_note"] for kind in KINDS] == ["part 0", "part 0", None, None]
    wait_until(lambda: f"job {good['function']}: INFO my_jobs: month by month" in node.log)
    for kind, job in never.items():
        row = stage.cluster.ended(job)
        assert (kind, row["outcome"], row["failed_as"], row["attempt"]) == (
            kind,
            "failed",
            "error",
            1,
        )
        assert row["error"].endswith(": no figures for 2030-02")
    for kind, job in later.items():
        row = stage.attempt(job)
        waits = timedelta(minutes=1) if kind == "program" else timedelta(hours=1)
        assert (row["ended_as"], row["error"][-21:]) == ("snoozed", ": closed for the night"[-21:])
        assert abs(row["not_before"] - row["ended_at"] - waits) < timedelta(seconds=1)
    for job in bad.values():
        row = stage.attempt(job)
        assert (row["ended_as"], row["error"][-10:]) == ("error", "answer 500")
    for job in again.values():
        row = stage.attempt(job)
        assert (row["ended_as"], row["error"]) == ("error", "rate limited: too many requests")
        assert abs(row["not_before"] - row["ended_at"] - timedelta(seconds=30)) < timedelta(
            seconds=1
        )


def test_each_kind_learns_that_its_node_drains_and_is_asked_to_stop(stage: Stage) -> None:
    """At once, and when the grace is over; all go back to the queue."""
    node = stage.start("n", processes=4, grace=1)
    jobs = stage.jobs(*KINDS, parts=1_000_000, seconds=0.02)
    running = "select count(*) from pgdispatch.running where started_at is not null"
    wait_until(lambda: stage.cluster.verbs.value(running) == 4)
    asked = (
        "select count(*) from pg_stat_activity where query like 'call%%' and wait_event is not null"
    )
    wait_until(lambda: stage.cluster.verbs.value(asked) == 1)
    wait_until(lambda: node_has_begun(stage, jobs))

    node.send(signal.SIGTERM)
    assert node.exit_status() == 0

    rows = {kind: stage.attempt(job) for kind, job in jobs.items()}
    logs = {kind: stage.cluster.logged(job) for kind, job in jobs.items()}
    assert {row["ended_as"] for row in rows.values()} == {"given back"}
    assert "the node drains: this is the last part" in logs["function"]
    assert "the node drains: this is the last part" in logs["coroutine"]
    assert logs["coroutine"][-1] == "closed the source"
    assert logs["program"] == ["loading", "the node drains", "closed the source"]
    assert logs["stored procedure"][0] == "loading"
    assert "canceling statement" in rows["stored procedure"]["error"]


def node_has_begun(stage: Stage, jobs: dict[str, int]) -> bool:
    """Tell whether the handlers in Python have reported progress."""
    noted = "select count(*) from pgdispatch.running where progress_note like 'part%%'"
    return bool(stage.cluster.verbs.value(noted) == len(PYTHON) and jobs)


def test_each_kind_is_killed_weighed_and_renewed(stage: Stage) -> None:
    """Who swallows what asks it to stop, who takes too much; and whether a process serves twice."""
    stage.cluster.verbs.connection.execute(GREEDY_PROCEDURE)
    stage.cluster.set(cancel_grace_seconds=1)
    (stage.folder / "node.toml").write_text(GREEDY_CONFIG)
    stage.start("n", app="support.nodes.deaf_app", processes=4, more=LIMITS)

    deaf = stage.jobs(*KINDS, do="deaf")
    running = "select count(*) from pgdispatch.running"
    wait_until(lambda: stage.cluster.verbs.value(running) == 4)
    for job in deaf.values():
        stage.cluster.verbs.cancel(job)
    killed = {kind: stage.cluster.ended(job, within=60) for kind, job in deaf.items()}
    grown = stage.jobs(*KINDS, do="grow")
    weighed = {kind: stage.attempt(grown[kind]) for kind in (*PYTHON, "program")}
    light = stage.cluster.ended(grown["stored procedure"])
    pids = {kind: {pid(stage, kind) for _ in range(2)} for kind in KINDS}

    assert {row["outcome"] for row in killed.values()} == {"cancelled"}
    assert {row["error"] for row in killed.values()} == {
        "killed after it was asked to stop: cancelled"
    }
    assert {row["ended_as"] for row in weighed.values()} == {"killed"}
    assert all("MB" in row["error"] for row in weighed.values())
    assert light["outcome"] == "succeeded"
    assert {kind: len(found) for kind, found in pids.items()} == dict.fromkeys(KINDS, 2)


def pid(stage: Stage, kind: str) -> int:
    """Run a job, and return the number of the process, or session, that it ran in."""
    ended = stage.cluster.ended(stage.job(kind, do="tell"))
    if kind in PYTHON:
        return int(ended["result"]["pid"])
    return int(ended["log"].split()[-1])


def test_the_table_has_a_row_for_each_verb_and_a_column_for_each_kind() -> None:
    """Whoever adds one adds what tries it."""
    tried = {
        "log", "progress", "result", "fail", "fail for good", "try again after a failure",
        "try again later",  # all by the first test
        "learn that the node drains", "stop",  # by the second
        "kill", "memory", "fresh process",  # by the third
    }  # fmt: skip
    table = PAGE.read_text(encoding="utf-8").split("\n\n")[2].splitlines()
    heads = [cell.strip() for cell in table[0].strip("|").split("|")]
    rows = {line.strip("|").split("|")[0].strip() for line in table[2:]}

    assert heads == ["", *KINDS]
    assert rows == tried
