"""A backgrounder's connection gets over what happens to its session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pgdispatch.backgrounder.connection import Connection
from pgdispatch.backgrounder.prepared import Caller
from support.sessions.verbs import Verbs


@pytest.fixture
def connection(verbs: Verbs) -> Iterator[Connection]:
    """Yield a connection to the database."""
    subject = Connection(verbs.connection.info.dsn, name="n:1")
    yield subject
    subject.close()


def ask(connection: Connection, statement: str) -> tuple[object, ...] | None:
    """Run one statement over a connection."""

    def verb(caller: Caller) -> tuple[object, ...] | None:
        return caller.row(statement, [])

    return connection.call(verb)


def test_a_statement_that_the_session_has_lost_is_prepared_anew(connection: Connection) -> None:
    """As after `discard all`."""
    ask(connection, "select 'once'")
    ask(connection, "deallocate all")

    assert ask(connection, "select 'once'") == ("once",)


def test_a_result_of_another_type_is_prepared_anew(connection: Connection, verbs: Verbs) -> None:
    """As after an upgrade that gives a row type another column."""
    verbs.run("create table public.changing as select 1 as a")
    try:
        before = ask(connection, "select * from public.changing")
        verbs.run("alter table public.changing add b text default 'new'")

        after = ask(connection, "select * from public.changing")
    finally:
        verbs.run("drop table public.changing")

    assert (before, after) == ((1,), (1, "new"))
