"""What each error of the database means."""

from __future__ import annotations

import asyncpg
import psycopg
import pytest
from asyncpg.exceptions._base import DataError as CannotBeSentError
from asyncpg.exceptions._base import PostgresMessageMeta
from psycopg.errors import _sqlcodes

from pgdispatch.database import session
from pgdispatch.database.sqlstates import Meaning, is_unreachable, meaning

UNREACHABLE = {
    *("08000", "08001", "08003", "08004", "08006", "08007", "08P01"),
    *("57P01", "57P02", "57P03", "57P04", "57P05", "53300"),
}
AWAY = {*UNREACHABLE, "53100", "25006"}
PASSING = {"40001", "40P01", "55P03", "57014", "25P04"}
CHANGED = {"0A000", "42804", "XX000", "26000"}
ASYNCPG: dict[str, type[asyncpg.PostgresError]] = {
    code: kind
    for code, kind in PostgresMessageMeta._message_map.items()
    if issubclass(kind, asyncpg.PostgresError)
}
PSYCOPG: dict[str, type[psycopg.Error]] = {
    code: kind for code, kind in _sqlcodes.items() if code == kind.sqlstate
}


def expected(code: str) -> Meaning:
    """Return what a code means by the lists above; all else is an answer."""
    for codes, found in ((AWAY, Meaning.AWAY), (PASSING, Meaning.PASSING)):
        if code in codes:
            return found
    return Meaning.CHANGED if code in CHANGED else Meaning.REFUSED


def test_every_code_that_either_driver_knows_means_what_the_list_says() -> None:
    """And none of the lists is longer than that."""
    codes = {*PSYCOPG, *ASYNCPG}

    assert len(codes) > 250
    assert {code: meaning(code) for code in codes} == {code: expected(code) for code in codes}
    assert {code for code in codes if is_unreachable(code)} == UNREACHABLE & codes
    assert codes >= AWAY | PASSING - {"25P04"} | CHANGED


def test_the_driver_takes_an_error_for_what_its_code_means() -> None:
    """Whatever class it gives it."""
    found = {code: session.meaning_of(kind("no")) for code, kind in ASYNCPG.items()}

    assert found == {code: expected(code) for code in ASYNCPG}


@pytest.mark.parametrize("code", ["ZZ001", "JD004", "P0001", "99999", ""])
def test_a_code_that_nobody_knows_is_an_answer(code: str) -> None:
    """As of a trigger of the users' own."""
    assert meaning(code) is Meaning.REFUSED


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (ConnectionRefusedError(), Meaning.AWAY),
        (TimeoutError(), Meaning.AWAY),
        (asyncpg.InterfaceError("connection is closed"), Meaning.AWAY),
        (asyncpg.InternalClientError("unexpected"), Meaning.AWAY),
        (asyncpg.OutdatedSchemaCacheError("type"), Meaning.CHANGED),
        (CannotBeSentError("invalid input for query argument $1"), Meaning.REFUSED),
    ],
)
def test_without_a_code_it_depends_on_the_class(error: Exception, found: Meaning) -> None:
    """Of asyncpg."""
    assert session.meaning_of(error) is found
