"""The session of a node's turns, which prepares its statement: what comes back, what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pgdispatch.database.session import AwayError, Session
from pgdispatch.errors import PgdispatchError
from support.nodes.processes import wait_until
from support.sessions.verbs import Verbs

ECHO = "select $1::bigint, $2::text[], $3::text[]::jsonb[]::text[], $4::text[]::real[], $5::boolean"


def with_session(
    verbs: Verbs, play: Callable[[Session], Awaitable[Any]], *, patience: float = 20.0
) -> Any:
    """Return what `play` returns, given a session that prepares."""

    async def go() -> Any:
        dsn = verbs.connection.info.dsn
        session = Session(dsn, name="n turns", prepares=True, patience=patience)
        try:
            return await play(session)
        finally:
            await session.close()

    return asyncio.run(go())


def test_values_come_back_as_they_went(verbs: Verbs) -> None:
    """Nulls, quotes, backslashes and commas in an array included; JSON stays a text."""
    names = ["a,b", 'c"d', "e\\f", "null", "", "{g}", "é", None]

    async def play(session: Session) -> list[tuple[Any, ...]]:
        rows = [
            await session.call(ECHO, 2**40, names, ['{"a": [1, "é"]}', None], [0.5, None], True),
            await session.call(ECHO, None, [], [], [], False),
        ]
        return [tuple(row[0]) for row in rows]

    first, second = with_session(verbs, play)

    assert first == (2**40, names, ['{"a": [1, "é"]}', None], [0.5, None], True)
    assert second == (None, [], [], [], False)


def test_a_statement_that_the_session_has_lost_is_prepared_anew(verbs: Verbs) -> None:
    """As after `discard all`."""

    async def play(session: Session) -> str:
        await session.call("select 'once'")
        await session.call("deallocate all")
        return str((await session.insist("select 'once'"))[0][0])

    assert with_session(verbs, play) == "once"


def test_a_result_of_another_type_is_prepared_anew(verbs: Verbs) -> None:
    """As after an upgrade that gives a row type another column."""
    verbs.run("create table public.changing as select 1 as a")

    async def play(session: Session) -> list[tuple[Any, ...]]:
        before = await session.call("select * from public.changing")
        verbs.run("alter table public.changing add b text default 'new'")
        return [tuple(before[0]), tuple((await session.insist("select * from public.changing"))[0])]

    try:
        assert with_session(verbs, play) == [(1,), (1, "new")]
    finally:
        verbs.run("drop table public.changing")


def test_a_statement_is_planned_once_on_a_connection(verbs: Verbs) -> None:
    """It is sent thousands of times a second."""

    async def play(session: Session) -> list[Any]:
        for number in range(10):
            await session.call("select $1::integer", number)
        asked = "select calls.n from (select generic_plans + custom_plans as n, statement "
        asked += "from pg_prepared_statements) as calls where statement = 'select $1::integer'"
        return [row[0] for row in await session.call(asked)]

    assert with_session(verbs, play) == [10]


def test_a_text_with_a_nul_is_refused_and_not_cut(verbs: Verbs) -> None:
    """No text of PostgreSQL can hold one; the session is still of use."""

    async def play(session: Session) -> str:
        with pytest.raises(PgdispatchError):
            await session.call("select $1::text", "a\0b")
        return str((await session.call("select $1::text", "ab"))[0][0])

    assert with_session(verbs, play) == "ab"


def test_a_server_that_does_not_answer_is_given_up_and_the_statement_with_it(
    verbs: Verbs,
) -> None:
    """As behind a cut network; the server, which is there here, is told to let it be."""

    async def play(session: Session) -> int:
        pid = int((await session.call("select pg_backend_pid()"))[0][0])
        with pytest.raises(AwayError):
            await session.call("select pg_sleep(60)")
        ours = "select 1 from pg_stat_activity where pid = %s"
        await asyncio.to_thread(wait_until, lambda: verbs.values(ours, pid) == [])
        return pid

    assert with_session(verbs, play, patience=0.3) > 0


def test_large_values_come_through(verbs: Verbs) -> None:
    """More than a socket takes at once, in both directions."""
    text = "é" * 4_000_000

    async def play(session: Session) -> str:
        return str((await session.call("select $1::text", text))[0][0])

    assert with_session(verbs, play) == text
