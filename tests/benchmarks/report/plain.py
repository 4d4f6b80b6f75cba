"""LI: a table equal to pgdispatch.job, without its triggers; what inserts cost at least."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from benchmarks.workloads.loading import COLUMNS

TABLE = "plain_job"
OPTIONS = "select reloptions from pg_class where oid = 'pgdispatch.job'::regclass"
MOVING = ("created_at", "queued_at")


def make_plain(connection: psycopg.Connection[Any]) -> None:
    """Make the table, with the same columns, indexes, checks and settings.

    The triggers' work is done by constant defaults, so that a row with nothing but a type and a
    priority becomes the same row.
    Transaction: several statements.
    """
    connection.execute(f"create table {TABLE} (like pgdispatch.job including all)".encode())
    row = connection.execute(OPTIONS).fetchone()
    for option in (row and row[0]) or ():
        connection.execute(f"alter table {TABLE} set ({option})".encode())
    names = [row[0] for row in connection.execute(COLUMNS)]
    connection.execute("insert into pgdispatch.job (type, priority) values ('system', 50)")
    shown = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names)
    values = connection.execute(sql.SQL("select {} from pgdispatch.job").format(shown)).fetchone()
    for name, value in zip(names, values or (), strict=True):
        if value is not None:
            connection.execute(_default(name, value))
    connection.execute("truncate pgdispatch.job")


def _default(name: str, value: str) -> sql.Composed:
    moving = sql.SQL("clock_timestamp()")
    return sql.SQL("alter table {} alter column {} set default {}").format(
        sql.Identifier(TABLE),
        sql.Identifier(name),
        moving if name in MOVING else sql.Literal(value),
    )
