"""Limits on the command line: of sites, nodes, job types and tasks, and the settings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.cli.command import run_command
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")

SITE = "select max_running_jobs, daily_seconds, refill_at::text, over_budget from pgdispatch.site"
FAILURES = """
insert into pgdispatch.suspension (task, failures, job, suspended_at)
values (1, 5, 1, pgdispatch.now())
"""


def test_site_has_a_limit_a_day_of_run_time_and_what_is_left(
    database: str, connect: Connect
) -> None:
    """A span is written down in seconds; `none` is no limit, --clear the default of all."""
    added = run_command(
        database,
        *("site", "add", "acme", "--max-running", "2", "--daily-seconds", "8h"),
        *("--refill-at", "6:00", "--time-zone", "Europe/Berlin", "--over-budget", "cancel"),
    )
    listed = run_command(database, "site", "list", "--json").rows()[0]
    table = run_command(database, "site", "list").out.splitlines()

    changed = run_command(
        database,
        *("site", "change", "acme", "--max-running", "none", "--clear", "daily-seconds"),
    )

    assert (added.status, changed.status) == (0, 0)
    assert (listed["max_running_jobs"], listed["seconds_limit"], listed["spent_seconds"]) == (
        *(2, 28800, 0),
    )
    assert " ".join(table[1].split()).startswith("acme 2 0 0 0 8 h 00 min 0 ms 8 h 00 min ")
    assert table[2].split() == ["default", "none", "0", "0", "0", "yes"]
    row = connect(database).execute(SITE + " where name = 'acme'").fetchone()
    assert row == (-1, None, "06:00:00", "cancel")


def test_site_has_timeouts_of_its_own_for_some_job_types(database: str, connect: Connect) -> None:
    """A span, `none` or `default`; without one they are shown, all or one."""
    own = run_command(database, "site", "timeout", "default", "flow", "2h", "--json").rows()
    run_command(database, "site", "timeout", "default", "alert", "none")
    every = run_command(database, "site", "timeout", "default", "--json").rows()

    run_command(database, "site", "timeout", "default", "flow", "default")

    assert own == [{"type": "flow", "timeout": 7200.0, "is_own": True}]
    assert every[:4] == [
        {"type": "flow", "timeout": 7200.0, "is_own": True},
        {"type": "alert", "timeout": None, "is_own": True},
        {"type": "notice", "timeout": 120.0, "is_own": False},
        {"type": "system", "timeout": None, "is_own": False},
    ]
    rows = connect(database).execute("select type, timeout from pgdispatch.site_timeout").fetchall()
    assert rows == [("alert", None)]


def test_task_that_is_suspended_is_listed_and_resumed(database: str, connect: Connect) -> None:
    """With since when; a task that was not says so."""
    connection = connect(database)
    run_command(database, "task", "add", "Sales", "full_extract", "--max-attempts", "3")
    run_command(database, "task", "add", "Stock", "full_extract")
    connection.execute(FAILURES)
    suspended = run_command(database, "task", "list", "--suspended", "--json").rows()

    resumed = run_command(database, "task", "resume", "1")
    again = run_command(database, "task", "resume", "1")

    assert [(row["task"], row["max_attempts"]) for row in suspended] == [(1, 3)]
    assert suspended[0]["suspended_at"] is not None
    assert resumed.out == "task 1 resumed\n"
    assert again.out == "task 1 was not suspended; its failures count anew\n"
    left = run_command(database, "task", "list", "--suspended")
    assert (left.out, left.err) == ("", "no task is suspended\n")


def test_job_may_be_tried_again_and_shows_what_is_left(database: str, connect: Connect) -> None:
    """After a failure it waits for its retry, with the error of before."""
    connection = connect(database)
    connection.execute(
        "update pgdispatch.setting set value = '999999' where name like 'retry_%'"
    )  # a delay drawn at random up to so long is not over at once
    run_command(database, "enqueue", "system", "--max-attempts", "3")
    connection.execute(
        "select pgdispatch.register_node('etl-1', '00000000-0000-0000-0000-000000000001', 2)"
    )
    connection.execute("select pgdispatch.start_backgrounder('etl-1:1', 4711)")
    connection.execute("select pgdispatch.claim('etl-1:1')")
    connection.execute("select pgdispatch.fail(1, 1, 'disk full')")

    shown = run_command(database, "show", "1")

    assert "  state          waiting\n" in shown.out
    assert "  waits because  not before " in shown.out
    assert "  attempts       1, 2 of 3 left\n" in shown.out
    assert "  failed before  disk full\n" in shown.out


def test_node_is_limited_to_types_drained_and_resumed(database: str, connect: Connect) -> None:
    """--only takes the place of --except; the list has where its application servers listen."""
    connection = connect(database)
    run_command(database, "node", "add", "etl-1", "--except", "flow,alert")
    run_command(database, "node", "change", "etl-1", "--only", "flow, system")
    connection.execute(
        "insert into pgdispatch.application_server (id, node, number, pid, address)"
        " values ('etl-1/1', 'etl-1', 1, 4711, '127.0.0.1:8080')"
    )
    drained = run_command(database, "node", "drain", "etl-1")
    listed = run_command(database, "node", "list", "--json").rows()[0]

    resumed = run_command(database, "node", "resume", "etl-1")

    assert (drained.out, resumed.out) == (
        "node etl-1 takes no new jobs\n",
        "node etl-1 takes jobs\n",
    )
    assert (listed["is_drained"], sorted(listed["types"])) == (True, ["flow", "system"])
    assert (listed["except_types"], listed["addresses"]) == (None, ["127.0.0.1:8080"])
    assert "127.0.0.1:8080" in run_command(database, "node", "list").out
    row = connection.execute("select is_drained from pgdispatch.node").fetchone()
    assert row == (False,)


def test_more_backgrounders_than_half_of_the_processors_are_warned_of(
    database: str, connect: Connect
) -> None:
    """They are set all the same; more than there are processors are refused."""
    connect(database).execute("insert into pgdispatch.node (name, processors) values ('etl-1', 4)")

    many = run_command(database, "node", "change", "etl-1", "--backgrounders", "3")
    too_many = run_command(database, "node", "change", "etl-1", "--backgrounders", "5")

    assert (many.status, many.out) == (0, "node etl-1 changed\n")
    assert many.err.startswith("warning: node etl-1 has 3 backgrounders for 4 processors\nhint: ")
    assert too_many.status == 1
    assert too_many.err == (
        "error: node etl-1 has 4 processors, too few for 5 backgrounders\n"
        "hint: set --backgrounders to 4 at most\n"
    )


def test_settings_are_listed_and_set(database: str) -> None:
    """A value may begin with a hyphen; a wrong one is refused with the database's hint."""
    done = run_command(database, "setting", "set", "suspend_after_failures", "-1")
    wrong = run_command(database, "setting", "set", "tie_break", "size")

    listed = run_command(database, "setting", "list", "--json").rows()

    assert (done.status, done.out) == (0, "setting suspend_after_failures is -1\n")
    assert wrong.status == 1
    assert wrong.err == (
        "error: setting tie_break cannot be 'size'\nhint: set it to history or created\n"
    )
    assert {row["name"]: row["value"] for row in listed}["suspend_after_failures"] == "-1"


def test_job_types_are_listed_and_changed(database: str) -> None:
    """Their timeout and attempts; --clear is no limit."""
    changed = run_command(
        database, "type", "change", "flow", "--timeout", "1h", "--max-attempts", "3"
    )
    run_command(database, "type", "change", "alert", "--clear", "timeout")

    listed = run_command(database, "type", "list", "--json").rows()

    assert changed.out == "type flow changed\n"
    assert [(row["name"], row["timeout"], row["max_attempts"]) for row in listed[:2]] == [
        ("flow", timedelta(hours=1).total_seconds(), 3),
        ("alert", None, 1),
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["site", "change", "default", "--time-zone", "Berlin"], 1, "time zone 'Berlin'"),
        (["site", "timeout", "acme"], 1, "site acme does not exist"),
        (["site", "timeout", "default", "nope", "2h"], 1, "job type nope does not exist"),
        (["setting", "set", "nope", "1"], 1, "setting nope does not exist"),
        (["type", "change", "nope", "--timeout", "1h"], 1, "job type nope does not exist"),
        (["node", "drain", "nope"], 1, "node nope does not exist"),
        (["node", "add", "etl-1", "--only", "nope"], 1, "job type 'nope' does not exist"),
        (["task", "resume", "7"], 1, "task 7 does not exist"),
        (["enqueue", "system", "--priority", "40000"], 1, "priority 40000 is not between"),
        (["enqueue", "system", "--max-attempts", "0"], 2, "invalid value for '--max-attempts'"),
        (["site", "change", "default", "--max-running", "x"], 2, "invalid value for '--max-"),
        (["site", "change", "default", "--refill-at", "24:00"], 2, "invalid value for '--refill"),
        (["node", "add", "a", "--only", "flow", "--except", "alert"], 2, "--only and --except"),
        (["task", "change", "7", "--timeout", "1h", "--clear", "timeout"], 2, "timeout cannot be"),
    ],
)
def test_wrong_limit_is_refused_with_a_hint(
    database: str, arguments: list[str], status: int, message: str
) -> None:
    """1 if the database says so, 2 if it need not be asked."""
    done = run_command(database, *arguments)

    assert (done.status, done.out) == (status, "")
    assert done.err.startswith(f"error: {message}")
    assert done.err.splitlines()[-1].startswith("hint: ")
