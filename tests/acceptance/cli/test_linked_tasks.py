"""Linked tasks on the command line: their steps, a run by hand, and how it went."""

from __future__ import annotations

import pytest

from support.cli.command import run_command
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")

NODE = "select pgdispatch.register_node('etl-1', '00000000-0000-0000-0000-000000000001', 2)"
FLOWS = """
insert into pgdispatch.task (type, title)
values ('flow', 'Load'), ('flow', 'Check'), ('flow', 'Mail'), ('system', 'Tidy up')
"""


@pytest.fixture
def flows(database: str, connect: Connect) -> str:
    """Give a database with the flows 1 to 3, and a task 4 that is none."""
    connect(database).execute(FLOWS)
    return database


def test_linked_task_runs_by_hand_and_shows_the_state_of_each_step(
    flows: str, connect: Connect
) -> None:
    """The first step fails and is marked go-on, so the second waits; the third is not reached."""
    connection = connect(flows)
    added = run_command(
        flows,
        *("linked-task", "add", "Load, then check", "--priority", "7"),
        *("--step", "1:go-on", "--step", "2", "--step", "3"),
    )
    started = run_command(flows, "linked-task", "run-now", "1", "--as", "anna", "--json")
    connection.execute(NODE)
    connection.execute("select pgdispatch.start_backgrounder('etl-1:1', 4711)")
    connection.execute("select pgdispatch.claim('etl-1:1')")
    connection.execute("select pgdispatch.fail(1, 1, 'no')")

    shown = run_command(flows, "linked-task", "show", "1", "--json").rows()[0]

    assert (added.status, added.out) == (0, "linked task 1 added\n")
    assert started.rows() == [{"job": 1}]
    assert (shown["title"], shown["priority"]) == ("Load, then check", 7)
    assert [(step["task"], step["stop_on_failure"]) for step in shown["steps"]] == [
        *((1, False), (2, True), (3, True))
    ]
    assert [(step["job"], step["state"], step["created_by"]) for step in shown["runs"]] == [
        *((1, "failed", "anna"), (2, "waiting", "anna"), (None, "not reached", "anna"))
    ]
    assert "linked run     1, step 2\n" in run_command(flows, "show", "2").out


def test_linked_task_show_is_a_page_for_people(flows: str) -> None:
    """Facts, steps and runs; without a run it says so."""
    run_command(flows, "linked-task", "add", "Chain", "--step", "1", "--step", "2:go-on")

    shown = run_command(flows, "linked-task", "show", "1")

    lines = shown.out.splitlines()
    assert lines[0] == "linked task 1: Chain"
    assert "   1     1  Load   stop         yes" in lines
    assert "   2     2  Check  go on        yes" in lines
    assert lines[-2:] == ["last runs", "none"]


def test_linked_task_is_changed_listed_and_deleted(flows: str, connect: Connect) -> None:
    """`steps` sets the whole list; a second run at a time is refused."""
    connect(flows).execute("insert into pgdispatch.schedule (name) values ('nightly')")
    run_command(flows, "linked-task", "add", "Chain", "--step", "1", "--schedule", "nightly")
    steps = run_command(flows, "linked-task", "steps", "1", "3", "2:go-on")
    run_command(flows, "linked-task", "change", "1", "--title", "All", "--clear", "schedule")
    run_command(flows, "linked-task", "run-now", "1")
    again = run_command(flows, "linked-task", "run-now", "1")
    listed = run_command(flows, "linked-task", "list", "--json").rows()

    deleted = run_command(flows, "linked-task", "delete", "1", "--yes")

    assert steps.out == "linked task 1 has 2 steps\n"
    assert [(row["title"], row["schedule"], row["steps"], row["job"]) for row in listed] == [
        ("All", None, 2, 1)
    ]
    assert again.status == 1
    assert again.err.startswith("error: linked task 1 already has job 1\n")
    assert (deleted.status, deleted.out) == (0, "linked task 1 deleted\n")
    assert run_command(flows, "linked-task", "list", "--json").rows() == []


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["add", "Chain", "--step", "4"], 1, "task 4 is of type system"),
        (["add", "Chain", "--step", "77"], 1, "task 77 does not exist"),
        (["add", "Chain", "--step", "1:stop"], 2, "invalid value for '--step': '1:stop' is"),
        (["steps", "1", "1"], 1, "linked task 1 does not exist"),
        (["show", "1"], 1, "linked task 1 does not exist"),
        (["delete", "1"], 1, "linked task 1 does not exist"),
        (["run-now", "1"], 1, "linked task 1 does not exist"),
    ],
)
def test_wrong_linked_task_is_refused_with_a_hint(
    flows: str, connect: Connect, arguments: list[str], status: int, message: str
) -> None:
    """Nothing is left of it."""
    done = run_command(flows, "linked-task", *arguments)

    assert (done.status, done.out) == (status, "")
    assert done.err.startswith(f"error: {message}")
    assert done.err.splitlines()[-1].startswith("hint: ")
    assert connect(flows).execute("select from pgdispatch.linked_task").fetchall() == []
