"""A clock in the tests' hands: pgdispatch.now() of one database reads a table instead.

Or it begins at another moment and goes at another pace: `pytest --clock '2027-01-31 23:59:59.9'`,
`--clock 'x100'`, or both. Whatever passes only at the machine's time fails then.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
REPLACED = """
create table if not exists public.test_clock (at timestamptz, ahead interval);
truncate public.test_clock;
insert into public.test_clock values ({at}, {ahead});
create or replace function pgdispatch.now()
returns timestamptz
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return (select coalesce(at, clock_timestamp() + ahead) from public.test_clock);
end
$$
"""


def replace_now(connection: psycopg.Connection[Any], **shown: object) -> None:
    """Have `pgdispatch.now()` show the time `at`, or one so far `ahead` of the machine's."""
    told = {name: sql.Literal(shown.get(name)) for name in ("at", "ahead")}
    psycopg.ClientCursor(connection).execute(sql.SQL(REPLACED).format(**told))  # many statements


class Clock:
    """The time of one database, which stands still until it is moved."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        replace_now(connection, at=NOON)
        self.now = NOON

    def set(self, at: datetime) -> None:
        """Set the time to `at`."""
        self._connection.execute("update public.test_clock set at = %s", [at])
        self.now = at

    def advance(self, seconds: float) -> None:
        """Move the time on, or back if `seconds` is negative."""
        self.set(self.now + timedelta(seconds=seconds))


class RunningClock:
    """The time of one database, which goes on as it does, and jumps."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        replace_now(connection, ahead=timedelta())

    def jump(self, to: timedelta) -> None:
        """Have it show a time so far ahead of the machine's, or behind it."""
        self._connection.execute("update public.test_clock set ahead = %s", [to])


PLAIN = "-c default_transaction_read_only=off -c standard_conforming_strings=on -c timezone=UTC"
SHIFTED = """
create or replace function pgdispatch.now()
returns timestamptz
language sql
volatile
as $$
    select {at}::timestamptz + (clock_timestamp() - {begun}::timestamptz) * {pace}
$$
"""


def shift(dsn: str, clock: str) -> None:
    """Have the clock of a database show another time from now on: `[YYYY-MM-DD HH:MM:SS] [xPACE]`.

    Without a time it begins at the machine's.
    """
    begun = datetime.now(UTC)
    at, _, pace = clock.partition("x")
    words = {"at": at.strip() or begun.isoformat(), "begun": begun.isoformat(), "pace": pace or "1"}
    with psycopg.connect(dsn, autocommit=True, options=PLAIN) as connection:
        connection.execute(
            sql.SQL(SHIFTED).format(**{name: sql.Literal(word) for name, word in words.items()})
        )
