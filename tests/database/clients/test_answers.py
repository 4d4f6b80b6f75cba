"""What is asked again, and how often, by the connections of a node.

On the newest server only: nothing here is the server's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from pgdispatch.database import session
from pgdispatch.database.session import BrokenOffError, Session
from pgdispatch.database.sqlstates import TRIES
from pgdispatch.errors import PgdispatchError
from support.sessions.verbs import Verbs

Ask = Callable[[str, int], Any]
ANSWER = """
create sequence public.tries;
create function public.answer(p_code text, p_times integer) returns bigint language plpgsql
as $answer$
declare
    v_number constant bigint := nextval('public.tries');
begin
    if v_number <= p_times then
        raise exception using errcode = p_code, message = 'not now';
    end if;
    return v_number;
end
$answer$
"""
CALL = "select public.answer($1::text, $2::integer)"
pytestmark = pytest.mark.usefixtures("newest_only")


@pytest.fixture(params=[False, True], ids=["plain", "prepared"])
def ask(request: pytest.FixtureRequest, verbs: Verbs, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Give a call that is refused with a code so many times, with no pauses."""
    verbs.run(ANSWER)
    monkeypatch.setattr(session, "FIRST_PAUSE", 0.0)

    async def insist(code: str, times: int) -> Any:
        subject = Session(verbs.connection.info.dsn, name="n", prepares=request.param)
        try:
            return (await subject.insist(CALL, code, times))[0][0]
        finally:
            await subject.close()

    return lambda code, times: asyncio.run(insist(code, times))


def test_absence_is_waited_for(ask: Ask, verbs: Verbs) -> None:
    """More often than anything else is tried."""
    for code in ("08006", "57P01", "57P03", "53300", "53100", "25006"):
        verbs.run("alter sequence public.tries restart")

        assert ask(code, 2 * TRIES) == 2 * TRIES + 1


def test_what_may_pass_is_tried_a_few_times(ask: Ask, verbs: Verbs) -> None:
    """Until it has passed, or no more."""
    for code in ("40001", "40P01", "55P03", "57014", "XX000"):
        verbs.run("alter sequence public.tries restart")
        passed = ask(code, TRIES - 1)
        verbs.run("alter sequence public.tries restart")
        with pytest.raises(PgdispatchError, match="not now"):
            ask(code, 10 * TRIES)

        assert (passed, verbs.value("select last_value from public.tries")) == (TRIES, TRIES)


def test_all_else_is_an_answer(ask: Ask, verbs: Verbs) -> None:
    """Nobody asks again."""
    for code in ("54000", "53200", "58030", "55000", "22P05", "23514", "ZZ001"):
        verbs.run("alter sequence public.tries restart")
        with pytest.raises(PgdispatchError, match="not now"):
            ask(code, 1)

        assert verbs.value("select last_value from public.tries") == 1


def test_a_chore_is_not_made_again_at_once(verbs: Verbs) -> None:
    """It comes round by itself; meanwhile the database is not held to be away."""
    verbs.run(ANSWER)

    async def call() -> bool:
        subject = Session(verbs.connection.info.dsn, name="n")
        try:
            with pytest.raises(BrokenOffError, match="not now"):
                await subject.call(CALL, "55P03", 1)
            return subject.is_away
        finally:
            await subject.close()

    assert asyncio.run(call()) is False
    assert verbs.value("select last_value from public.tries") == 1


def test_a_session_that_is_ended_for_its_time_is_not_the_databases_absence(verbs: Verbs) -> None:
    """It takes its SQLSTATE along, if the server says one before it hangs up."""

    async def call() -> bool:
        subject = Session(verbs.connection.info.dsn, name="n")
        try:
            await subject.call("select set_config('transaction_timeout', '10', false)")
            with pytest.raises(BrokenOffError):
                await subject.call("select pg_sleep(60)")
            return subject.is_away
        finally:
            await subject.close()

    assert asyncio.run(call()) is False
