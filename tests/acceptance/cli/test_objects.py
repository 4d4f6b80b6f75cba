"""`show` of a task, a schedule, a site and a node: all that is known of one, on one page."""

from __future__ import annotations

import pytest

from support.cli.command import run_command
from support.servers.embedded import Connect
from support.sessions.verbs import Verbs

pytestmark = pytest.mark.usefixtures("newest_only")
PAGES = ("task show 1", "schedule show nightly", "site show acme", "node show etl-1")
SET_UP = """
insert into pgdispatch.site (name, max_running_jobs, daily_seconds, time_zone)
values ('acme', 1, 3600, 'Europe/Berlin');
insert into pgdispatch.site_timeout (site, type, timeout) values ('acme', 'flow', '2 hours');
insert into pgdispatch.schedule (name, recurrence, priority)
values ('nightly', 'daily at 02:30', 9);
insert into pgdispatch.node (name, backgrounders) values ('etl-1', 2);
insert into pgdispatch.task (title, type, site, schedule, datasource)
values ('Sales, full', 'full_extract', 'acme', 'nightly', 'sales'),
    ('Stock', 'flow', 'acme', 'nightly', null);
insert into pgdispatch.linked_task (title, site, schedule)
values ('Load, then check', 'acme', 'nightly');
insert into pgdispatch.linked_task_step (linked_task, step, task) values (1, 1, 2);
"""


@pytest.fixture
def shown(database: str, connect: Connect) -> str:
    """Let a flow take the site's only place, and a job of task 1 wait for it; it failed before."""
    connection = connect(database)
    connection.execute(SET_UP)
    verbs = Verbs(connection)
    verbs.register("etl-1")
    verbs.run("select pgdispatch.start_backgrounder('etl-1:1', 77)")
    verbs.run_now(1)
    verbs.fail(verbs.claim("etl-1:1") or 0)
    verbs.fire("nightly", "2026-01-01 02:30+00")
    verbs.claim("etl-1:1")
    verbs.fire("nightly", "2026-01-02 02:30+00")
    return database


def page(dsn: str, name: str, *more: str) -> str:
    """Return what a page shows on a terminal of 80 columns."""
    done = run_command(dsn, *name.split(), *more, COLUMNS="80", TZ="Asia/Tokyo")
    assert done.status == 0, done.err
    return done.out + done.err


@pytest.mark.parametrize("name", [*PAGES, "linked-task show 1"])
def test_page_fits_80_columns_and_says_its_zone_once(shown: str, name: str) -> None:
    """However many tables with times it has."""
    text = page(shown, name)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert text.count("Asia/Tokyo") == 1


def test_task_is_shown_with_its_jobs_runs_and_skipped_times(shown: str) -> None:
    """Why the waiting one waits, how the last run ended, and which time had no job."""
    text = page(shown, "task show 1")
    (row,) = run_command(shown, "task", "show", "1", "--json").rows()

    assert text.startswith("task 1: Sales, full\n")
    assert "failures in a row  1\n" in text
    assert [(job["state"], job["reason"]) for job in row["jobs"]] == [
        ("waiting", "site limit (1 of 1 running)")
    ]
    assert [run["outcome"] for run in row["runs"]] == ["failed"]
    assert [skip["skipped_for"] for skip in row["skipped"]] == ["waiting"]
    assert (row["task"], row["datasource"], row["failures"]) == (1, "sales", 1)


def test_schedule_is_shown_with_what_it_runs(shown: str) -> None:
    """Its next runs, tasks and linked tasks; --limit says how many."""
    text = page(shown, "schedule show nightly", "--limit", "1")
    (row,) = run_command(shown, "schedule", "show", "nightly", "--json").rows()

    assert "recurrence       daily at 02:30\n" in text
    assert text.count("the first 1 of more\n") == 1
    assert [task["title"] for task in row["task_rows"]] == ["Sales, full", "Stock"]
    assert [linked["title"] for linked in row["linked_task_rows"]] == ["Load, then check"]
    assert (row["tasks"], len(row["next_runs"])) == (2, 5)


def test_site_is_shown_with_what_runs_and_what_waits_for_what(shown: str) -> None:
    """Its limits, and its own timeouts."""
    text = page(shown, "site show acme")
    (row,) = run_command(shown, "site", "show", "acme", "--json").rows()

    assert "jobs at once       1\n" in text
    assert "refilled daily     00:00 Europe/Berlin\n" in text
    assert [job["backgrounder"] for job in row["running_jobs"]] == ["etl-1:1"]
    assert sum(reason["jobs"] for reason in row["reasons"]) == row["waiting"] > 0
    assert [(own["type"], own["timeout"]) for own in row["timeouts"]] == [("flow", 7200)]


def test_node_is_shown_with_its_processes(shown: str) -> None:
    """And what they run."""
    text = page(shown, "node show etl-1")
    (row,) = run_command(shown, "node", "show", "etl-1", "--json").rows()

    assert "backgrounders wanted" in text
    assert [(process["pid"], process["type"]) for process in row["processes"]] == [(77, "flow")]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("task show 9", "task 9 does not exist\nhint: see: pgdispatch task list"),
        ("schedule show nigthly", "schedule nigthly does not exist\nhint: did you mean nightly? "),
        ("site show acmee", "site acmee does not exist\nhint: did you mean acme? "),
        ("node show etl", "node etl does not exist\nhint: did you mean etl-1? "),
    ],
)
def test_page_of_what_is_unknown_says_what_is_like_it(shown: str, name: str, error: str) -> None:
    """Status 1."""
    done = run_command(shown, *name.split())

    assert (done.status, done.out) == (1, "")
    assert done.err.startswith(f"error: {error}")
