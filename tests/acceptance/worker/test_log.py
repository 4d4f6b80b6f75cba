"""The log of a node names each attempt that did not succeed, and what became of its job.

On the newest server only, to save time.
"""

from __future__ import annotations

import json
import re
import signal

import pytest

from support.nodes.cluster import Cluster
from support.nodes.node import Node
from support.nodes.processes import wait_until

pytestmark = pytest.mark.usefixtures("newest_only")

AT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"


def line_of(node: Node, job: int) -> str:
    """Wait for the line about the end of a job's attempt and return it."""
    mark = f"job {job},"
    wait_until(lambda: mark in node.log)
    (found,) = (line for line in node.log.splitlines() if mark in line)
    return found


def test_a_failed_attempt_is_named_with_all_that_an_operator_asks_for(cluster: Cluster) -> None:
    """In one line, whatever its title holds; one that succeeded is not told of."""
    cluster.verbs.site("acme")
    good = cluster.job("nothing")
    bad = cluster.job("fail", type="flow", site="acme", title="sales\n\x1b[31mred")

    node = cluster.start(processes=1)
    line = line_of(node, bad)

    assert re.fullmatch(
        rf"{AT} warning n:1: job {bad}, flow of site acme, “sales\\n\\x1b\[31mred”: "
        r"failed after \d+\.\d s: ValueError: cannot work on sales",
        line,
    )
    assert f"job {good}," not in node.log


def test_what_became_of_a_job_is_told(cluster: Cluster) -> None:
    """As the database decided: tried again, ended with its task suspended, cancelled, timed out."""
    cluster.set(overrun_grace_seconds=1, suspend_after_failures=1)
    task = cluster.verbs.task("system", args='{"do": "fail"}', title="nightly")
    jobs = {
        "retried": cluster.job("fail", max_attempts=2),
        "failed": cluster.verbs.run_now(task),
        "killed": cluster.job("vanish"),
        "timed out": cluster.job("deaf", timeout="1 second"),
    }
    asked = cluster.job("block")
    node = cluster.start(processes=3)
    cluster.running(asked)
    cluster.verbs.cancel(asked, "enough")

    lines = {word: line_of(node, job) for word, job in {**jobs, "cancelled": asked}.items()}

    for word, line in lines.items():
        assert re.search(rf": {word} after \d+\.\d s", line), line
    assert ", again at 2" in lines["retried"]
    assert ", and its task is suspended: ValueError" in lines["failed"]
    assert lines["killed"].endswith("exited with status 7")


def test_a_job_that_is_given_back_is_told_before_the_node_ends(cluster: Cluster) -> None:
    """That is nothing wrong, so it is told one level lower."""
    job = cluster.job("block")
    node = cluster.start(processes=1, grace=0)
    cluster.running(job)

    node.send(signal.SIGTERM)
    node.exit_status()

    assert f" info    n:1: job {job}, system of site default: given back after" in node.log


def test_lines_of_json_have_the_facts(cluster: Cluster) -> None:
    """Each line is an object; with level debug successes are among them.

    So it is with what a backgrounder says itself: that it has run its job.
    """
    good, bad = cluster.job("nothing", title="one"), cluster.job("fail", title="two\nlines")
    told = ["--log-level", "debug", "--log-format", "json"]
    node = cluster.start(processes=1, more=[*told, "--fresh"])
    wait_until(lambda: "two" in node.log and node.log.count("has run its job") == 2)

    lines = [json.loads(line) for line in node.log.splitlines()]
    ends = {line["job"]: line for line in lines if "job" in line}

    assert (ends[good]["outcome"], ends[good]["level"]) == ("succeeded", "debug")
    assert (ends[bad]["outcome"], ends[bad]["level"]) == ("failed", "warning")
    assert ends[bad]["title"] == "two\nlines"
    assert ends[bad]["error"] == "ValueError: cannot work on two"
    assert ends[bad]["backgrounder"] == "n:1"
    assert ends[bad]["seconds"] >= 0


def test_under_the_journal_each_line_has_a_priority(cluster: Cluster) -> None:
    """If what it writes to is what the journal gave; else it is text with a time."""
    mine = 'JOURNAL_STREAM=$(stat -Lc %d:%i /dev/stderr) exec "$@"'
    bad = cluster.job("fail")
    inherited = {"JOURNAL_STREAM": "8:1"}

    journal = cluster.start("a", processes=1, inside=["sh", "-c", mine, "sh"])
    in_journal = line_of(journal, bad)
    other = cluster.start("b", processes=0, environment=inherited)
    wait_until(lambda: "health and metrics" in other.log)

    assert re.match(r"<4>a:1: job ", in_journal)
    assert all(re.match(r"<\d>", line) for line in journal.log.splitlines())
    assert re.match(rf"{AT} info ", other.log)


@pytest.mark.parametrize("form", ["json", "journal"])
def test_why_a_node_ends_is_told_in_the_form_of_its_log(cluster: Cluster, form: str) -> None:
    """A reader of objects gets no line of another kind, and the journal an error with a hint."""
    node = cluster.start(more=["--app", "no.such.module", "--log-format", form])

    assert node.exit_status() == 2
    lines = node.log.splitlines()
    if form == "json":
        last = json.loads(lines[-1])
        assert last["level"] == "error"
        assert "no.such.module" in last["message"]
        assert last["hint"]
        assert all(map(json.loads, lines))
    else:
        assert all(re.match(r"<\d>", line) for line in lines)
        assert lines[-1].startswith("<3>hint: ")


def test_an_unknown_level_is_refused(cluster: Cluster) -> None:
    """In the environment as on the command line, with status 2."""
    node = cluster.start(environment={"PGDISPATCH_LOG_LEVEL": "loud"})

    assert node.exit_status() == 2
    assert "error: " in node.log
    assert "'loud'" in node.log
