"""What a database holds, in few words, to see whether a call has changed anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from support.bad_values import CANARY

UNTOUCHABLE = {CANARY, "relations", "functions", "roles", "members"}
TABLES = """
select c.oid::regclass::text
from pg_class as c
where c.relnamespace = to_regnamespace('pgdispatch')
    and c.relkind in ('r', 'p')
    and not c.relispartition
union all
select %s
order by 1
"""
ROWS = """
select {name}, md5(string_agg(row::text, ' ' order by row::text))
from (select to_jsonb(t) - %s::text[] as row from {table} as t) as rows
"""
CATALOGUE = """
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
    """Make the table that the fragments of `bad_values` would drop."""
    connection.execute(f"create table {CANARY} as select 'alive' as it_is".encode())


def fingerprint(
    connection: psycopg.Connection[Any], *, moving: Sequence[str] = ()
) -> dict[str, str]:
    """Return a digest of the rows of each table, and of what there is of tables, code and roles.

    `moving` names columns that change by themselves. Sequences do not count: a number that was
    taken by a refused row is not given back, by PostgreSQL's own rule.
    """
    found = connection.execute(TABLES, [CANARY]).fetchall()
    queries = [
        sql.SQL(ROWS).format(name=sql.Literal(table), table=sql.SQL(table)) for (table,) in found
    ]
    query = sql.SQL(" union all ").join([*queries, sql.SQL(CATALOGUE)])
    return dict(connection.execute(query, [list(moving)] * len(queries)).fetchall())
