"""Whoever may look can use every command that looks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg.conninfo import make_conninfo

from support.cli.command import Finished, run_command
from support.servers.embedded import Connect

LOOKS = [
    *("schedule list", "schedule preview nightly", "task list", "site list", "node list"),
    *("linked-task list", "linked-task show 1", "site timeout default", "setting list"),
    *("type list", "queue", "status", "jobs", "show 1", "forecast"),
]
ROWS = (
    "insert into pgdispatch.schedule (name, recurrence) values ('nightly', 'daily at 02:30')",
    "insert into pgdispatch.task (type, title, schedule) values ('flow', 'Sales', 'nightly')",
    "insert into pgdispatch.linked_task (title) values ('Chain')",
    "insert into pgdispatch.job (type) values ('system')",
)


@pytest.fixture
def as_viewer(database: str, connect: Connect) -> Iterator[str]:
    """Give the DSN of somebody who may look, on a database with one row of each kind."""
    connection = connect(database)
    connection.execute("drop role if exists cli_viewer")
    connection.execute("create role cli_viewer login in role pgdispatch_viewer")
    for row in ROWS:
        connection.execute(row)
    yield make_conninfo(database, user="cli_viewer")
    connection.execute("drop role cli_viewer")


@pytest.mark.usefixtures("newest_only")
def test_viewer_may_use_every_command_that_looks(as_viewer: str) -> None:
    """Their views call functions, which take rights of their own."""
    done = {command: run_command(as_viewer, *command.split()) for command in LOOKS}

    assert {command: one.err for command, one in done.items() if one.status} == {}


@pytest.mark.usefixtures("newest_only")
def test_people_are_let_in_confined_and_shut_out(database: str, connect: Connect) -> None:
    """By `grant` and `revoke`, for all sites or for some."""
    connection = connect(database)
    connection.execute("drop role if exists cli_alice")
    connection.execute("create role cli_alice login")
    for site in ("acme", "globex"):
        connection.execute("insert into pgdispatch.site (name) values (%s)", [site])
        connection.execute("insert into pgdispatch.job (type, site) values ('flow', %s)", [site])
    alice = make_conninfo(database, user="cli_alice")

    def let(text: str) -> Finished:
        return run_command(database, *text.split())

    def seen() -> set[str] | None:
        done = run_command(alice, "queue", "--json")
        return {row["site"] for row in done.rows()} if done.status == 0 else None

    try:
        before = seen()
        both = let("grant cli_alice viewer --site acme --site globex")
        of_both = seen()
        mixed = let("grant cli_alice operator")
        let("revoke cli_alice viewer --site globex")
        of_acme = seen()
        refused = run_command(alice, "cancel", "2")
        let("grant cli_alice operator --site acme")
        unknown = run_command(alice, "cancel", "2")
        cancelled = run_command(alice, "cancel", "1")
        whole = run_command(alice, "schedule", "run-now", "nightly")
        let("revoke cli_alice viewer --site acme")
        after = seen()
        let("grant cli_alice operator")
        everything = seen()
    finally:
        connection.execute("drop owned by cli_alice")
        connection.execute("drop role cli_alice")

    assert both.out == "cli_alice is viewer of site acme, globex\n"
    assert mixed.err.startswith("error: cli_alice is a member of pgdispatch_site_viewer, which")
    assert (before, of_both, of_acme, after) == (None, {"acme", "globex"}, {"acme"}, None)
    assert everything == {"globex"}
    assert "permission denied" in refused.err
    assert unknown.err.startswith("error: job 2 does not exist")
    assert cancelled.out == "job 1 cancelled\n"
    assert whole.err.startswith("error: you are confined to sites")
