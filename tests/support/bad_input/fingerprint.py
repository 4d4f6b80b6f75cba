"""What a database holds, in few words, to see whether a call has changed anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from support.bad_input.values import CANARY

TABLES = """
select c.oid::regclass::text
from pg_class as c
where c.relnamespace = to_regnamespace('pgdispatch')
    and c.relkind in ('r', 'p')
    and not c.relispartition
"""
ROWS = """
select {name}, md5(string_agg(row::text, ' ' order by row::text))
from (select to_jsonb(t) - %s::text[] as row from {table} as t) as rows
"""
CATALOG = """
select 'relations', md5(string_agg(concat_ws(' ', relnamespace, relname, relkind, relacl), ';'
    order by oid)) from pg_class where oid >= 16384
union all
select 'functions', md5(string_agg(concat_ws(' ', proname, prosrc, proacl), ';' order by oid))
from pg_proc where oid >= 16384
union all
select 'roles', md5(string_agg(concat_ws(' ', rolname, rolsuper), ';' order by oid)) from pg_roles
union all
select 'members', md5(string_agg(concat_ws(' ', roleid, member), ';' order by roleid, member))
from pg_auth_members
"""


def set_canary(connection: psycopg.Connection[Any]) -> None:
    """Make the table that the fragments of `values` would drop."""
    connection.execute(f"create table {CANARY} as select 'alive' as it_is".encode())


def fingerprint(
    connection: psycopg.Connection[Any], *, moving: Sequence[str] = ()
) -> dict[str, str]:
    """Return a digest of the rows of each table, and of what there is of tables, code and roles.

    `moving` names columns that change by themselves. Sequences do not count: a number that was
    taken by a refused row is not given back, by PostgreSQL's own rule.
    """
    found = connection.execute(TABLES).fetchall()
    return untouchable(connection) | rows(connection, [table for (table,) in found], moving)


def untouchable(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """Return a digest of what no bad input may change, accepted or not."""
    canary = connection.execute("select to_regclass(%s)", [CANARY]).fetchone()
    code = connection.execute(CATALOG.encode()).fetchall()
    is_alive = canary is not None and canary[0] is not None
    return dict(code) | (rows(connection, [CANARY], []) if is_alive else {CANARY: "gone"})


def rows(
    connection: psycopg.Connection[Any], tables: Sequence[str], moving: Sequence[str]
) -> dict[str, str]:
    """Return a digest of the rows of each table."""
    if not tables:
        return {}
    queries = [
        sql.SQL(ROWS).format(name=sql.Literal(table), table=sql.SQL(table)) for table in tables
    ]
    query = sql.SQL(" union all ").join(queries)
    return dict(connection.execute(query, [list(moving)] * len(queries)).fetchall())
