"""A backgrounder's connection gets over what happens to its session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pgdispatch.backgrounder.connection import Link
from pgdispatch.backgrounder.prepared import Caller
from support.sessions.verbs import Verbs


@pytest.fixture
def link(verbs: Verbs) -> Iterator[Link]:
    """Yield a link to the database."""
    subject = Link(verbs.connection.info.dsn, name="n:1")
    yield subject
    subject.close()


def ask(link: Link, statement: str) -> tuple[object, ...] | None:
    """Run one statement over a link."""

    def verb(caller: Caller) -> tuple[object, ...] | None:
        return caller.row(statement, [])

    return link.call(verb)


def test_a_statement_that_the_session_has_lost_is_prepared_anew(link: Link) -> None:
    """As after `discard all`."""
    ask(link, "select 'once'")
    ask(link, "deallocate all")

    assert ask(link, "select 'once'") == ("once",)


def test_a_result_of_another_type_is_prepared_anew(link: Link, verbs: Verbs) -> None:
    """As after an upgrade that gives a row type another column."""
    verbs.run("create table public.changing as select 1 as a")
    try:
        before = ask(link, "select * from public.changing")
        verbs.run("alter table public.changing add b text default 'new'")

        after = ask(link, "select * from public.changing")
    finally:
        verbs.run("drop table public.changing")

    assert (before, after) == ((1,), (1, "new"))
