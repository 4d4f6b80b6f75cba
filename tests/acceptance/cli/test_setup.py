"""The command sets up sites, schedules, tasks and nodes, and starts tasks."""

from __future__ import annotations

import re

import pytest

from support.cli.command import run_command
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")


def test_install_twice_changes_nothing_the_second_time(empty_database: str) -> None:
    """The command says so, and leaves with status 0 both times."""
    before = run_command(empty_database, "queue")
    first = run_command(empty_database, "install")
    second = run_command(empty_database, "install")

    assert before.status == 4
    assert before.err.endswith("hint: run: pgdispatch install\n")
    assert (first.status, second.status) == (0, 0)
    assert first.out.startswith("schema pgdispatch installed (")
    assert second.out.startswith("schema pgdispatch was up to date, nothing changed (")


def test_site_is_added_changed_and_listed_against_its_limit(
    database: str, connect: Connect
) -> None:
    """--max-running sets the limit, or lifts it."""
    run_command(database, "site", "add", "acme", "--max-running", "1", "--no-run-now")
    connect(database).execute("insert into pgdispatch.job (type, site) values ('system', 'acme')")
    limited = run_command(database, "site", "list", "--json").rows()

    done = run_command(database, "site", "change", "acme", "--max-running", "none", "--run-now")

    fields = ("site", "max_running_jobs", "running", "waiting", "overflow", "run_now_enabled")
    assert [limited[0][field] for field in fields] == ["acme", 1, 0, 1, 0, False]
    assert (done.status, done.out) == (0, "site acme changed\n")
    after = run_command(database, "site", "list", "--json").rows()
    assert (after[0]["max_running_jobs"], after[0]["run_now_enabled"]) == (None, True)


def test_site_list_says_that_more_wait_than_were_counted(database: str, connect: Connect) -> None:
    """The first 10,000 of all sites are; for a program there is is_complete."""
    connect(database).execute(
        "insert into pgdispatch.job (type) select 'system' from generate_series(1, 10002)"
    )

    told = run_command(database, "site", "list").out
    (row,) = run_command(database, "site", "list", "--json").rows()

    assert "10001+" in told
    assert (row["waiting"], row["is_complete"]) == (10_001, False)


def test_schedule_fires_one_job_for_each_enabled_task_once(database: str, connect: Connect) -> None:
    """The same scheduled time makes no second job."""
    run_command(database, "schedule", "add", "nightly", "--priority", "20", "--execution", "serial")
    for title in ("Sales", "Stock"):
        run_command(database, "task", "add", title, "full_extract", "--schedule", "nightly")
    run_command(database, "task", "change", "2", "--disable")

    first = run_command(database, "schedule", "fire", "nightly", "--at", "2026-01-01T00:00")
    again = run_command(database, "schedule", "fire", "nightly", "--at", "2026-01-01T00:00")

    assert (first.out, again.out) == ("1 job created\n", "0 jobs created\n")
    row = connect(database).execute("select task, priority, is_serial from pgdispatch.job")
    assert row.fetchall() == [(1, 20, True)]
    listed = run_command(database, "schedule", "list", "--json").rows()
    assert [(row["schedule"], row["execution"], row["tasks"]) for row in listed] == [
        ("nightly", "serial", 2)
    ]


def test_schedule_fired_early_says_that_the_run_has_been_served(database: str) -> None:
    """So does the list; without --early a time ahead is refused, as --at with a time of day is."""
    run_command(database, "schedule", "add", "nightly", "--recurrence", "daily at 00:00")
    run_command(database, "task", "add", "Sales", "full_extract", "--schedule", "nightly")
    run_command(database, "task", "add", "Stock", "full_extract", "--schedule", "nightly")
    run_command(database, "task", "change", "2", "--disable")
    command = ("schedule", "fire", "nightly", "--at", "2031-01-01T00:00+00:00")

    refused = run_command(database, *command)
    fired = run_command(database, *command, "--early")
    (listed,) = run_command(database, "schedule", "list", "--json").rows()
    shown = run_command(database, "schedule", "list").out

    assert (refused.status, refused.out) == (1, "")
    assert refused.err.startswith("error: the scheduled time 2031-01-01 ")
    assert "--early" in refused.err
    served = re.fullmatch(r"1 job created; the run of (20\S+ \S+) has been served\n", fired.out)
    assert served
    assert "warning: tasks of schedule nightly that got no job: 1 disabled\n" in fired.err
    assert listed["served_ahead"] == ["2031-01-01T00:00:00+00:00"]
    assert served[1] in shown


def test_task_is_changed_cleared_and_republished(database: str) -> None:
    """It keeps its priority when its schedule's changes, until its datasource is republished."""
    run_command(database, "schedule", "add", "nightly", "--priority", "20")
    run_command(
        database,
        *("task", "add", "Sales", "full_extract", "--schedule", "nightly"),
        *("--datasource", "sales", "--timeout", "5min", "--args", '{"a": 1}'),
    )
    run_command(database, "schedule", "change", "nightly", "--priority", "30")
    run_command(database, "task", "change", "1", "--title", "All sales", "--clear", "timeout")
    kept = run_command(database, "task", "list", "--json").rows()

    done = run_command(database, "task", "republish", "default", "sales")

    assert (kept[0]["priority"], kept[0]["title"], kept[0]["timeout"]) == (20, "All sales", None)
    assert (done.status, done.out) == (0, "1 task started afresh\n")
    assert run_command(database, "task", "list", "--json").rows()[0]["priority"] == 30


def test_run_now_puts_a_task_first_and_names_the_job_that_it_has_already(
    database: str, connect: Connect
) -> None:
    """The job has priority 0 and is before all others; a second one is refused."""
    connect(database).execute("insert into pgdispatch.job (type, priority) values ('system', 1)")
    run_command(database, "task", "add", "Sales", "full_extract")

    done = run_command(database, "run-now", "1", "--as", "anna", "--json")
    again = run_command(database, "run-now", "1")

    assert done.rows() == [{"job": 2}]
    first = run_command(database, "queue", "--json").rows()[0]
    assert (first["job"], first["priority"], first["created_by"]) == (2, 0, "anna")
    assert again.status == 1
    assert again.err == (
        "error: task 1 already has job 2\n"
        "detail: it is waiting\n"
        "hint: wait for that job, or cancel it first\n"
    )


def test_node_is_added_changed_and_listed(database: str) -> None:
    """A node that has not been up yet is stopped; its number can be set all the same."""
    run_command(database, "node", "add", "etl-1", "--backgrounders", "4")

    done = run_command(database, "node", "change", "etl-1", "--backgrounders", "8")

    assert (done.status, done.out) == (0, "node etl-1 changed\n")
    rows = run_command(database, "node", "list", "--json").rows()
    assert [(row["name"], row["state"], row["backgrounders"], row["up"]) for row in rows] == [
        ("etl-1", "stopped", 8, 0)
    ]


def test_what_changes_something_names_it_as_json(database: str) -> None:
    """Numbers and names of what was made or changed; one object each, the sentence left out."""
    steps = [
        ("site add acme", {"site": "acme"}),
        ("site change acme --max-running 2", {"site": "acme"}),
        ("schedule add nightly", {"schedule": "nightly"}),
        ("schedule change nightly --priority 9", {"schedule": "nightly"}),
        ("task add Load flow --site acme --datasource sales", {"task": 1}),
        ("task change 1 --priority 9", {"task": 1}),
        ("task set-priority 1 8", {"task": 1, "priority": 8}),
        ("task resume 1", {"task": 1, "was_suspended": False}),
        ("task republish acme sales", {"tasks": 1}),
        ("linked-task add Chain --site acme", {"linked_task": 1}),
        ("linked-task steps 1 1", {"linked_task": 1, "steps": 1}),
        ("linked-task change 1 --priority 9", {"linked_task": 1}),
        ("linked-task delete 1 --yes", {"linked_task": 1}),
        ("task rename 1 Anew --yes", {"task": 1}),
        ("site rename acme ajax --yes", {"site": "ajax"}),
        ("type add thumb", {"type": "thumb"}),
        ("type delete thumb --yes", {"type": "thumb"}),
        ("node add etl-1", {"node": "etl-1"}),
        ("node change etl-1 --only flow", {"node": "etl-1"}),
        ("node drain etl-1", {"node": "etl-1", "drain_ends_at": None, "busy": 0}),
        ("node resume etl-1", {"node": "etl-1"}),
        ("type change flow --max-attempts 3", {"type": "flow"}),
        ("setting set tie_break created", {"setting": "tie_break", "value": "created"}),
        ("run-now 1", {"job": 1}),
        ("enqueue system", {"job": 2}),
        ("set-priority 2 7", {"job": 2, "priority": 7}),
        ("cancel 2", {"job": 2, "outcome": "cancelled"}),
    ]

    told = [run_command(database, *step.split(), "--json").rows() for step, _ in steps]
    installed = run_command(database, "install", "--json").rows()

    assert told == [[made] for _, made in steps]
    assert [row["changed"] for row in installed] == [False]


def test_cancel_as_json_names_those_that_it_cancelled(database: str) -> None:
    """One that is refused is told on standard error, and by the exit status."""
    run_command(database, "enqueue", "system")

    done = run_command(database, "cancel", "77", "1", "--json")

    assert (done.status, done.rows()) == (1, [{"job": 1, "outcome": "cancelled"}])
    assert done.err.startswith("error: job 77 does not exist")


def test_task_gets_a_priority_and_its_waiting_job_keeps_its_own(database: str) -> None:
    """The job is named; what is no priority is refused and changes nothing."""
    run_command(database, "task", "add", "Load", "flow", "--priority", "40")
    run_command(database, "run-now", "1")

    done = run_command(database, "task", "set-priority", "1", "7")
    refused = run_command(database, "task", "set-priority", "1", "0")
    unknown = run_command(database, "task", "set-priority", "9", "7")

    assert (done.status, done.out) == (0, "task 1 has priority 7\n")
    assert done.err == (
        "job 1 waits with priority 40; to change that, too: pgdispatch set-priority 1 7\n"
    )
    assert (refused.status, unknown.status) == (1, 1)
    assert "priority" in refused.err
    assert unknown.err.startswith("error: task 9 does not exist\nhint: ")
    assert run_command(database, "task", "list", "--json").rows()[0]["priority"] == 7
