"""A refusal is told from an outage: by SQLSTATE, alike for each kind of connection.

On the newest server only: the drivers are asked here.
"""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest
from asyncpg.exceptions._base import DataError as CannotBeSentError
from psycopg.conninfo import make_conninfo

from pgdispatch import NewJob, is_passing
from pgdispatch.database.sqlstates import PASSING, UNREACHABLE
from support.checkout import ROOT
from support.servers.embedded import Connect
from support.sessions.producers import INSERTS

PAGE = (ROOT / "worker" / "PRODUCERS.md").read_text(encoding="utf-8")
END = "select pg_terminate_backend(pg_backend_pid())"
DEADLY = """
create function public.die() returns trigger language plpgsql as
$$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$;
create trigger aa_die before insert on pgdispatch.job
for each row when (new.type = 'die') execute function public.die()
"""
READ_ONLY = ("set transaction_read_only = on", "set default_transaction_read_only = on")
WRONG: Any = {"type": "system", "priority": "high"}
pytestmark = pytest.mark.usefixtures("newest_only")


@dataclass(frozen=True)
class Case:
    """What an insert meets, and the SQLSTATEs that it may end with; None: without one."""

    is_passing: bool
    sqlstates: tuple[str | None, ...]
    first: tuple[str, ...] = ()
    job: NewJob = field(default_factory=lambda: NewJob(type="system"))
    where: dict[str, str] = field(default_factory=dict)
    is_locked: bool = False


CASES = {
    "no such type": Case(False, ("JD001",), job={"type": "nope"}),
    "no such value": Case(False, ("22P02", "22000"), job=WRONG),
    "a value with NUL": Case(False, ("22021", None), job={"type": "system", "title": "a\0b"}),
    "no right": Case(False, ("42501",), ("set role pg_read_all_stats",)),
    "read-only": Case(True, ("25006",), READ_ONLY),
    "a lock": Case(True, ("55P03",), ("set lock_timeout = '1ms'",), is_locked=True),
    "too slow": Case(True, ("57014",), ("set statement_timeout = '1ms'",), is_locked=True),
    "a connection lost": Case(True, ("57P01", "08003", None), job={"type": "die"}),
    "a connection closed": Case(True, ("08003", None), (END,)),
    "nobody there": Case(True, (None,), where={"host": "/nowhere"}),
}


def failure(kind: str, dsn: str, case: Case) -> Exception:
    """Return how an insert ends, which is never well."""
    with pytest.raises(Exception) as raised:  # noqa: PT011  # each driver has classes of its own
        INSERTS[kind](make_conninfo(dsn, **case.where), case.first, case.job)
    return raised.value


@pytest.mark.parametrize("kind", INSERTS)
def test_a_refusal_is_told_from_an_outage(kind: str, database: str, connect: Connect) -> None:
    """Real ones; and the SQLSTATE is where the page says."""
    rival = connect(database)
    rival.execute(DEADLY)
    path = "orig.sqlstate" if "sqlalchemy" in kind else "sqlstate"
    found: dict[str, bool] = {}
    cases = dict(CASES)
    if "sqlalchemy" in kind:  # it says of one that was lost before that this has to be dealt with
        del cases["a connection closed"]
    for name, case in cases.items():
        with rival.transaction() if case.is_locked else nullcontext():
            if case.is_locked:
                rival.execute("lock table pgdispatch.job in share mode")
            error: Any = failure(kind, database, case)
        said = error
        for part in path.split("."):
            said = getattr(said, part, None)

        assert said in case.sqlstates, (name, repr(error))
        found[name] = is_passing(error)

    assert found == {name: case.is_passing for name, case in cases.items()}


def test_what_is_no_error_of_a_database_does_not_pass() -> None:
    """A fault of the application, or a value that a driver, older ones of asyncpg, cannot send."""
    errors = [ValueError("x"), TypeError("x"), KeyError("x"), CannotBeSentError("x")]

    assert [error for error in errors if is_passing(error)] == []
    assert is_passing(ConnectionRefusedError())


def test_the_page_names_every_sqlstate_that_passes() -> None:
    """As the nodes' own list has them."""
    row = re.findall(r"^\| (`40001`.*?) \|", PAGE, re.MULTILINE)
    away = re.findall(r"^\| (`08…`.*?) \|", PAGE, re.MULTILINE)

    named = {code.rstrip("…") for line in (*row, *away) for code in re.findall(r"`(\w+…?)`", line)}
    assert named == {*PASSING, *UNREACHABLE, "53100", "25006"}
