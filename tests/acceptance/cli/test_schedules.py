"""Schedules on the command line: recurrences, previews, and starting all of one by hand."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from support.cli.command import run_command
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")

BERLIN = "Europe/Berlin"


def test_schedule_takes_a_recurrence_and_shows_its_next_runs(
    database: str, connect: Connect
) -> None:
    """Added, changed, and listed with what the database made of it."""
    added = run_command(
        database,
        *("schedule", "add", "nightly", "--recurrence", "daily at 02:30", "--time-zone", BERLIN),
        *("--missed", "all", "--max-missed", "3"),
    )
    run_command(database, "schedule", "change", "nightly", "--missed", "skip", "--priority", "7")

    listed = run_command(database, "schedule", "list", "--json").rows()[0]

    assert (added.status, added.out) == (0, "schedule nightly added\n")
    assert (listed["recurrence"], listed["time_zone"]) == ("daily at 02:30", BERLIN)
    assert (listed["missed_runs"], listed["priority"]) == ("skip", 7)
    assert listed["next_runs"][0] == listed["next_run_at"]
    assert len(listed["next_runs"]) == 5
    row = connect(database).execute("select max_missed_runs from pgdispatch.schedule").fetchone()
    assert row == (3,)


def test_schedule_list_shows_one_line_each_with_the_next_run(database: str) -> None:
    """The table has the recurrence in words; one that is cleared has no next run."""
    run_command(database, "schedule", "add", "nightly", "--recurrence", "daily at 02:30")
    before = run_command(database, "schedule", "list")

    cleared = run_command(database, "schedule", "change", "nightly", "--clear", "recurrence")

    head, line = before.out.splitlines()
    assert head.startswith("schedule  prio  execution  enabled  recurrence      zone  missed  next")
    assert line.startswith("nightly     50  parallel   yes      daily at 02:30  UTC   once    20")
    assert cleared.status == 0
    assert run_command(database, "schedule", "list", "--json").rows()[0]["next_run_at"] is None


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (
            ["add", "x", "--recurrence", "dayly at 2"],
            "recurrence 'dayly at 2' cannot be read",
            "write one time of day",
        ),
        (["add", "x", "--time-zone", "Berlin"], "time zone 'Berlin' does not exist", "use the"),
        (["add", "x", "--priority", "40000"], "priority 40000 is not between 1 and 100", "use 1"),
        (["preview", "nope"], "schedule nope does not exist", "see: pgdispatch schedule list"),
        (["preview", "default"], "schedule default has no recurrence", "give it one: "),
        (["preview", "--recurrence", "x"], "recurrence 'x' cannot be read", "write one of: "),
        (
            ["preview", "--recurrence", "daily at 02:30", "--time-zone", "Mars"],
            "time zone 'Mars' does not exist",
            "use the name of a zone, such as Europe/Berlin",
        ),
    ],
)
def test_what_is_wrong_with_a_schedule_is_said_with_what_to_write(
    database: str, connect: Connect, arguments: list[str], message: str, hint: str
) -> None:
    """The hint is the database's, and shows the nearest form."""
    connect(database).execute("insert into pgdispatch.schedule (name) values ('default')")

    done = run_command(database, "schedule", *arguments)

    assert (done.status, done.out) == (1, "")
    assert done.err.startswith(f"error: {message}\nhint: {hint}")


def test_preview_shows_local_times_over_a_change_of_the_clocks(database: str) -> None:
    """On 30 March 2031 Berlin has no 02:30; the run is at 03:00 then. Nothing is written."""
    done = run_command(
        database,
        *("schedule", "preview", "--recurrence", "daily at 02:30", "--time-zone", BERLIN),
        *("--count", "3", "--after", "2031-03-28T12:00+00:00"),
    )

    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        "daily at 02:30, Europe/Berlin",
        "",
        "day  Europe/Berlin            UTC",
        "Sat  2031-03-29 02:30 +01:00  2031-03-29 01:30",
        "Sun  2031-03-30 03:00 +02:00  2031-03-30 01:00",
        "Mon  2031-03-31 02:30 +02:00  2031-03-31 00:30",
    ]
    assert run_command(database, "schedule", "list", "--json").rows() == []


def test_preview_of_a_schedule_says_its_cron_expression_in_words(database: str) -> None:
    """And that it is disabled; --json has the times alone."""
    name = ("schedule", "preview", "office", "--count", "2", "--after", "2030-01-04T12:00+00:00")
    run_command(
        database,
        *("schedule", "add", "office", "--recurrence", "cron 0 2 * * 1-5", "--disable"),
    )

    shown = run_command(database, *name)
    rows = run_command(database, *name, "--time-zone", "Asia/Tokyo", "--json").rows()

    assert shown.out.startswith("cron 0 2 * * 1-5 (At 02:00 on Monday through Friday), UTC\n\n")
    assert shown.out.splitlines()[2:] == [
        "day  UTC",
        "Mon  2030-01-07 02:00",
        "Tue  2030-01-08 02:00",
    ]
    assert shown.err == "schedule office is disabled; it would run so if it were not\n"
    assert rows[0] == {
        "run_at": "2030-01-06T17:00:00+00:00",
        "weekday": "Mon",
        "local_time": "2030-01-07T02:00:00+09:00",
        "day": "2030-01-07",
        "note": None,
    }


def test_run_now_of_a_schedule_says_what_started_and_what_was_passed_over(
    database: str, connect: Connect
) -> None:
    """Status 0 while anything could start, 1 if nothing could."""
    connection = connect(database)
    connection.execute("insert into pgdispatch.schedule (name) values ('nightly')")
    connection.execute(
        "insert into pgdispatch.task (type, title, schedule) values"
        " ('full_extract', 'Sales', 'nightly'), ('full_extract', 'Stock', 'nightly')"
    )
    connection.execute("select pgdispatch.run_now(1)")

    first = run_command(database, "schedule", "run-now", "nightly", "--as", "anna")
    again = run_command(database, "schedule", "run-now", "nightly", "--json")

    assert (first.status, first.err) == (0, "")
    assert first.out.splitlines() == [
        "task  linked  title  job  passed over because",
        "   1          Sales       has job 1",
        "   2          Stock    2",
    ]
    assert connection.execute("select created_by from pgdispatch.job where id = 2").fetchone() == (
        "anna",
    )
    assert again.status == 1
    assert [(row["job"], row["refused"]) for row in again.rows()] == [
        (None, "has job 1"),
        (None, "has job 2"),
    ]
    assert again.err.startswith("error: nothing of schedule nightly was started\nhint: ")


def test_backfill_is_shown_first_and_names_what_it_made(database: str, connect: Connect) -> None:
    """Without --yes nothing is written; with it, by --json, each job with its time and task."""
    run_command(
        database, *("schedule", "add", "hourly", "--recurrence", "every 1 hour", "--missed", "skip")
    )
    for title in ("Sales", "Stock"):
        run_command(database, "task", "add", title, "full_extract", "--schedule", "hourly")
    row = connect(database).execute("select date_trunc('hour', now() at time zone 'UTC')")
    this_hour = row.fetchone()[0].replace(tzinfo=UTC)  # type: ignore[index]  # there is one
    first, last = this_hour - timedelta(hours=12), this_hour - timedelta(hours=1)
    whole = ("schedule", "fire", "hourly", "--from", first.isoformat(), "--to", last.isoformat())
    one = (*whole[:4], last.isoformat(), *whole[5:])

    shown = run_command(database, *whole, COLUMNS="80")
    planned = run_command(database, *one, "--json").rows()
    made = run_command(database, *one, "--yes", "--json").rows()
    rest = run_command(database, *whole, "--yes")
    again = run_command(database, *whole, "--yes")
    fired = run_command(
        database, "schedule", "fire", "hourly", "--at", "2026-01-01T00:00", "--json"
    )

    lines = [line.split()[-3:] for line in shown.out.splitlines()]
    assert lines == [["before", "passed", "over"], *[["2", "0", "0"]] * 10]
    assert "and 2 times more; --json has all\n24 jobs for 12 times; nothing was done" in shown.err
    at = last.isoformat()
    assert planned == [{"scheduled_at": at, "jobs": 2, "served": 0, "passed_over": 0}]
    assert made == [
        {"scheduled_at": at, "task": task, "linked_task": None, "job": task} for task in (1, 2)
    ]
    assert rest.out == "22 jobs created for 11 scheduled times\n"
    assert again.out == "0 jobs created\n"
    assert fired.rows() == []  # they have jobs waiting


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--yes"], "--to and --yes need --from"),
        (["--from", "2026-01-01", "--at", "2026-01-01"], "--from excludes --at and --early"),
    ],
)
def test_backfill_is_not_mixed_with_one_time(options: list[str], message: str) -> None:
    """A usage error, before there is any database."""
    done = run_command(None, "schedule", "fire", "hourly", *options)

    assert (done.status, done.err.splitlines()[0]) == (2, f"error: {message}")
