"""Rows that nobody should send, into every table that a role may write: stored as given or refused.

HYPOTHESIS_PROFILE=long looks for longer. On the newest server only, to save time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from support.bad_input.effort import effort
from support.bad_input.fingerprint import fingerprint, set_canary
from support.bad_input.raw import copied, encoded, raw, speak_raw
from support.bad_input.trial import trial
from support.bad_input.values import bad, spoiled
from support.rights.two_sites import Sites

pytestmark = [pytest.mark.usefixtures("newest_only"), pytest.mark.timeout(3600)]
ROLE = "pgdispatch_operator"
JOB = {"type": "system", "site": "acme", "title": "a good one"}
GOOD: dict[str, dict[str, Any]] = {
    "job": JOB,
    "new_job": JOB,
    "site": {"name": "initech"},
    "schedule": {"name": "weekly", "recurrence": "daily at 02:30"},
    "task": {"site": "acme", "type": "flow", "title": "a good one"},
    "job_type": {"name": "backup"},
    "site_timeout": {"site": "acme", "type": "flow", "timeout": "5 s"},
    "linked_task": {"site": "acme", "title": "a good one"},
    "linked_task_step": {"linked_task": 1, "step": 2, "task": 3},
    "node": {"name": "m"},
    "notice_rule": {"what": "failure", "target": "ops", "site": "acme"},
    "contract": {"name": "a good one", "site": "acme", "datasource": "x", "max_age": "2 h"},
    "calendar": {"name": "works"},
    "calendar_day": {"calendar": "office", "day": "2030-12-25"},
    "closed_window": {
        "name": "a move",
        "scope": "site",
        "target": "acme",
        "from_at": "2030-01-01",
        "to_at": "2030-01-02",
    },
}
FILLED_IN = {
    "site": {"running_limit", "seconds_limit"},
    "schedule": {
        "next_run_at",
        "last_error",
        "put_off_until",
        "firing_for",
        "missed_for",
        "fired_task",
        "fired_linked_task",
        "served_ahead",
    },
    "task": {"created_at", "enabled_at", "streak_since"},
    "linked_task": {"created_at", "enabled_at"},
    "closed_window": {"opens_at", "closes_at"},
}
WRITABLE = """
select c.relname, a.attname, format_type(a.atttypid, null)
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'pgdispatch'::regnamespace
    and has_column_privilege(%s, c.oid, a.attnum, %s)
"""
Tables = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Target:
    """The connection of an owner, and the columns with their types that an operator may write."""

    connection: psycopg.Connection[Any]
    inserted: Tables
    updated: Tables
    before: dict[str, str]

    def attempt(self, write: Callable[[], object], holds: Callable[[], bool]) -> None:
        """Write as an operator, and undo it: either it `holds`, or nothing has changed."""
        with trial(self.connection, ROLE, write, self.before) as done:
            assert done.complaint is None
            assert done.damage == set()
            assert not done.is_accepted or holds()


@pytest.fixture
def target(sites: Sites) -> Target:
    """Give two furnished sites to write to, in a transaction that is undone."""
    connection = sites[0].connection
    speak_raw(connection)
    set_canary(connection)
    connection.execute("set local statement_timeout = '10s'")
    connection.execute("insert into pgdispatch.calendar (name) values ('office')")
    inserted, updated = (writable(connection, right) for right in ("insert", "update"))
    return Target(connection, inserted, updated, fingerprint(connection))


def writable(connection: psycopg.Connection[Any], right: str) -> Tables:
    """Return the columns that an operator may insert or update, by table, with their types."""
    tables: Tables = {}
    for table, column, kind in connection.execute(WRITABLE, [ROLE, right]):
        tables.setdefault(table, {})[column] = kind
    return tables


def matching(row: Mapping[str, Any], kinds: Mapping[str, str]) -> tuple[sql.Composed, list[Any]]:
    """Return the condition that a stored row has exactly these values, and the values."""
    given = {name: value for name, value in row.items() if value is not None}
    parts = [
        sql.SQL("{} is not distinct from %s::{}").format(sql.Identifier(name), sql.SQL(kinds[name]))
        for name in given
    ]
    condition = sql.SQL(" and ").join([sql.SQL("true"), *parts])
    return condition, list(map(raw_of, given.values()))


def raw_of(value: Any) -> Any:
    """Return a value as a parameter."""
    return raw(value) if value is None or isinstance(value, str) else value


def test_every_table_that_can_be_written_has_a_good_row_here(target: Target) -> None:
    """Or it would not be tried."""
    assert set(GOOD) == set(target.inserted)


@pytest.mark.parametrize("table", GOOD)
def test_a_bad_row_is_refused_clearly_or_stored_as_it_is(target: Target, table: str) -> None:
    """By insert; whatever is let through hinders nobody."""
    kinds, good = target.inserted[table], GOOD[table]
    stored = "job" if table == "new_job" else table

    @effort(25)
    @given(row=spoiled(good, kinds))
    def try_row(row: dict[str, Any]) -> None:
        def write() -> None:
            target.connection.execute(
                sql.SQL("insert into pgdispatch.{} ({}) values ({})").format(
                    sql.Identifier(table),
                    sql.SQL(", ").join(map(sql.Identifier, row)),
                    sql.SQL(", ").join(sql.Placeholder() * len(row)),
                ),
                list(map(raw_of, row.values())),
            )

        target.attempt(write, lambda: is_stored(target, stored, row, kinds))

    try_row()
    assert fingerprint(target.connection) == target.before


@pytest.mark.parametrize("table", sorted({*GOOD, "setting"} - {"job", "new_job"}))
def test_a_bad_change_is_refused_clearly_or_stored_as_it_is(target: Target, table: str) -> None:
    """By update of any one row."""
    kinds = target.updated[table]

    @effort(25)
    @given(changes=spoiled({}, kinds), number=st.integers(0, 20))
    def try_change(changes: dict[str, Any], number: int) -> None:
        parts = [sql.SQL("{} = %s").format(sql.Identifier(name)) for name in changes]

        def write() -> None:
            target.connection.execute(
                sql.SQL(
                    "update pgdispatch.{0} set {1} where ctid = (select ctid from pgdispatch.{0}"
                    " order by ctid offset %s %% (select count(*) from pgdispatch.{0}) limit 1)"
                ).format(sql.Identifier(table), sql.SQL(", ").join(parts)),
                [*map(raw_of, changes.values()), number],
            )

        target.attempt(write, lambda: is_stored(target, table, changes, kinds))

    try_change()
    assert fingerprint(target.connection) == target.before


def is_stored(target: Target, table: str, row: Mapping[str, Any], kinds: Mapping[str, str]) -> bool:
    """Tell whether a table has a row with these values, but for what the database fills in."""
    kept = {name: row[name] for name in row if name not in FILLED_IN.get(table, ())}
    condition, values = matching(kept, kinds)
    query = sql.SQL("select exists (select from pgdispatch.{} where {})").format(
        sql.Identifier(table), condition
    )
    found = target.connection.execute(query, values).fetchone()
    return found is not None and bool(found[0])


def test_a_bad_line_of_copy_is_refused_clearly_or_stored_as_it_is(target: Target) -> None:
    """All lines or none."""
    kinds = target.inserted["new_job"]
    columns = sql.SQL(", ").join(map(sql.Identifier, kinds))
    statement = sql.SQL("copy pgdispatch.new_job ({}) from stdin").format(columns)

    @effort(40)
    @given(row=spoiled(JOB, kinds))
    def try_line(row: dict[str, Any]) -> None:
        def write() -> None:
            with target.connection.cursor().copy(statement) as copy:
                for each in (JOB, row):
                    copy.write(copied([each.get(name) for name in kinds]))

        target.attempt(write, lambda: is_stored(target, "job", row, kinds))

    try_line()
    assert fingerprint(target.connection) == target.before


def test_garbage_in_copy_is_refused_clearly(target: Target) -> None:
    """Bytes that are no lines at all."""

    @effort(15)
    @given(data=st.binary(max_size=200) | bad("jsonb").map(lambda text: encoded(text or "\\.")))
    def try_bytes(data: bytes) -> None:
        def write() -> None:
            with target.connection.cursor().copy(
                "copy pgdispatch.new_job (type, args) from stdin"
            ) as copy:
                copy.write(data)

        target.attempt(write, lambda: True)

    try_bytes()
    assert fingerprint(target.connection) == target.before
