"""Whoever may look can use every command that looks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg.conninfo import make_conninfo

from support.command import run_command
from support.servers import Connect

LOOKS = [
    *("schedule list", "schedule preview nightly", "task list", "site list", "node list"),
    *("linked-task list", "linked-task show 1", "site timeout default", "setting list"),
    *("type list", "queue", "status", "jobs", "show 1"),
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
