"""`pgdispatch changes`: who did what, filtered, followed, and on the console's pages."""

from __future__ import annotations

import json
import subprocess

import psycopg
import pytest

from support.cli.command import COMMAND, END_SESSIONS, command_environment
from support.cli.command_tree import run_here
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")
DONE = """
insert into pgdispatch.site (name) values ('acme');
insert into pgdispatch.task (site, type, title) values ('acme', 'flow', 'Load');
insert into pgdispatch.linked_task (site, title) values ('acme', 'Chain');
insert into pgdispatch.linked_task_step values (1, 1, 1);
insert into pgdispatch.job (site, type) values ('acme', 'flow');
select pgdispatch.set_priority(1, 7);
select pgdispatch.cancel(1, 'no longer needed', 'anna');
set pgdispatch.reason = 'ticket 12';
update pgdispatch.site set max_running_jobs = 3 where name = 'acme';
"""


@pytest.fixture
def done(database: str, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a database on which a few things have been done; the command works on it."""
    connect(database).execute(DONE)
    monkeypatch.setenv("PGDISPATCH_DSN", database)
    monkeypatch.setenv("TZ", "UTC")
    return database


def asked(*arguments: str) -> list[tuple[str, str, str]]:
    """Return what the command shows: verb, kind and name of each change."""
    rows = json.loads(run_here("changes", "--json", *arguments).out)
    return [(row["what"], row["kind"], row["name"]) for row in rows]


@pytest.mark.usefixtures("done")
def test_changes_are_found_by_thing_by_person_by_site_and_by_time() -> None:
    """Newest first; by whom it was said to be, too."""
    assert asked("--of", "site acme") == [("change", "site", "acme"), ("add", "site", "acme")]
    assert asked("--of", "linked-task 1")[0] == ("change", "linked task", "1")
    assert asked("--by", "anna") == [("cancel", "job", "1")]
    assert asked("--limit", "2", "--site", "acme") == [
        ("change", "site", "acme"),
        ("cancel", "job", "1"),
    ]
    assert len(asked("--since", "1h")) == 7
    assert asked("--until", "1h") == []
    shown = run_here("changes", "--of", "job 1").out
    assert "priority 0 → 7" in shown
    assert "anna" in shown
    assert "no longer" in shown
    assert "anna (" in run_here("changes", "--of", "job 1", "--wide").out


@pytest.mark.usefixtures("done")
def test_who_is_at_the_command_is_noted_beside_the_login(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it changes: many may share one login."""
    monkeypatch.setenv("LOGNAME", "carla")
    run_here("site", "change", "acme", "--max-running", "5")
    run_here("pause", "site", "acme")
    run_here("resume", "site", "acme")

    made = json.loads(run_here("changes", "--json", "--of", "site acme").out)[:3]

    assert [row["what"] for row in made] == ["end pause", "pause", "change"]
    assert {row["said_by"] for row in made} == {"carla"}


@pytest.mark.usefixtures("done")
def test_why_is_noted_with_whatever_is_changed() -> None:
    """By one option, the same everywhere; the next command has none."""
    for command in (
        ("site", "change", "acme", "--max-running", "5"),
        ("setting", "set", "tie_break", "created"),
        ("task", "disable", "1"),
        ("resume", "site", "acme"),
        ("retry", "1"),
    ):
        run_here("pause", "site", "acme")
        done = run_here(*command, "--reason", "ticket 13")

        (made,) = json.loads(run_here("changes", "--json", "--limit", "1").out)
        assert (done.status, made["reason"]) == (0, "ticket 13"), (command, done.err)


@pytest.mark.usefixtures("done")
def test_what_nothing_was_done_to_is_told_apart_from_what_there_is_not() -> None:
    """And a thing has to be named as what it is."""
    assert run_here("changes", "--of", "node etl").err == "nothing of that kind was changed\n"
    unknown = run_here("changes", "--site", "acne")
    assert (unknown.status, unknown.err.splitlines()[0]) == (1, "error: site acne does not exist")
    wrong = run_here("changes", "--of", "acme")
    assert wrong.status == 2
    assert "'site acme'" in wrong.err


def test_following_shows_what_is_there_and_what_comes(done: str) -> None:
    """Each once, one a line; also when its session was ended meanwhile."""
    command = [str(COMMAND), "changes", "--follow", "--json", "--limit", "1"]
    with (
        subprocess.Popen(
            command, env=command_environment(done), stdout=subprocess.PIPE, text=True
        ) as following,
        psycopg.connect(done, autocommit=True) as connection,
    ):
        try:
            assert following.stdout is not None
            first = json.loads(following.stdout.readline())
            connection.execute("update pgdispatch.task set title = 'Other'")
            comes = [json.loads(following.stdout.readline())]
            assert connection.execute(END_SESSIONS).rowcount == 1
            connection.execute("update pgdispatch.task set title = 'Third'")
            comes.append(json.loads(following.stdout.readline()))
        finally:
            following.terminate()

    assert first["after"] == {"max_running_jobs": 3}
    assert [row["after"]["title"] for row in comes] == ["Other", "Third"]
