"""A backgrounder's statements, sent through libpq: what comes back, and what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from pgdispatch.backgrounder.prepared import Caller, SilentServerError
from support.nodes.processes import wait_until
from support.sessions.verbs import Verbs

ECHO = "select $1::bigint, $2::text, $3::text[], $4::boolean, $5::jsonb, $6::timestamptz"


@pytest.fixture(params=[True, False], ids=["prepared", "not prepared"])
def caller(verbs: Verbs, request: pytest.FixtureRequest) -> Iterator[Caller]:
    """Yield a caller with a connection of its own."""
    connection = psycopg.connect(verbs.connection.info.dsn, autocommit=True)
    subject = Caller(connection, prepares=request.param)
    yield subject
    subject.close()


def test_values_come_back_as_they_went(caller: Caller) -> None:
    """Nulls, quotes, backslashes and commas in an array included."""
    names = ("a,b", 'c"d', "e\\f", "null", "", "{g}", "é")

    row = caller.row(ECHO, [2**40, "O'Neil\\", names, True, None, None])
    again = caller.row(ECHO, [1, None, None, False, None, datetime(2030, 1, 1, tzinfo=UTC)])

    assert row == (2**40, "O'Neil\\", list(names), True, None, None)
    assert again == (1, None, None, False, None, datetime(2030, 1, 1, tzinfo=UTC))


def test_no_row_is_none(caller: Caller) -> None:
    """As a claim that finds nothing to do."""
    assert caller.row("select 1 where false", []) is None


def test_an_error_of_the_server_is_psycopgs_own(caller: Caller) -> None:
    """With its SQLSTATE and hint, and the connection still of use."""
    with pytest.raises(psycopg.errors.DivisionByZero) as caught:
        caller.row("select 1 / $1::integer", [0])

    assert caught.value.sqlstate == "22012"
    assert caller.row("select 1", []) == (1,)


def test_a_text_with_a_nul_is_refused_and_not_cut(caller: Caller) -> None:
    """Libpq's texts end at the first NUL."""
    with pytest.raises(psycopg.DataError):
        caller.row("select $1::text", ["a\0b"])


def test_a_session_that_was_ended_is_an_operational_error(caller: Caller, verbs: Verbs) -> None:
    """So that the connection connects anew."""
    pid = (caller.row("select pg_backend_pid()", []) or (0,))[0]
    verbs.run("select pg_terminate_backend(%s, 5000)", pid)

    with pytest.raises(psycopg.OperationalError):
        caller.row("select 1", [])

    assert caller.is_closed


def test_a_server_that_does_not_answer_is_given_up_and_the_statement_with_it(
    caller: Caller, verbs: Verbs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a cut network; the server, which is there here, is told to let it be."""
    pid = (caller.row("select pg_backend_pid()", []) or (0,))[0]
    monkeypatch.setattr("pgdispatch.backgrounder.prepared.ANSWER_WITHIN", 0.2)

    with pytest.raises(SilentServerError, match="no answer within"):
        caller.row("select pg_sleep(60)", [])

    assert caller.is_closed
    wait_until(lambda: verbs.values("select 1 from pg_stat_activity where pid = %s", pid) == [])


def test_large_values_come_through(caller: Caller) -> None:
    """More than a socket takes at once, in both directions."""
    text = "é" * 4_000_000

    assert caller.row("select $1::text", [text]) == (text,)
