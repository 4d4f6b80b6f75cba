"""What the schema says about itself: its tables, views and functions with their comments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

RELATIONS = """
select
    c.relname as name,
    case c.relkind when 'v' then 'view' when 'c' then 'type' else 'table' end as kind,
    coalesce(
        obj_description(c.oid, 'pg_class'), obj_description(c.reltype, 'pg_type')
    ) as comment,
    array(
        select array[
            a.attname::text, format_type(a.atttypid, a.atttypmod),
            coalesce(pg_get_expr(d.adbin, d.adrelid), ''), col_description(c.oid, a.attnum)
        ]
        from pg_attribute as a
        left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        order by a.attnum
    ) as columns,
    array(
        select array[r.rolname::text, lower(p.privilege)]
        from pg_roles as r, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as p (privilege)
        where r.rolname like 'pgdispatch\\_%'
            and case
                when p.privilege = 'DELETE' then has_table_privilege(r.oid, c.oid, p.privilege)
                else has_any_column_privilege(r.oid, c.oid, p.privilege)
            end
        order by r.rolname
    ) as rights
from pg_class as c
where c.relnamespace = 'pgdispatch'::regnamespace
    and c.relkind in ('r', 'p', 'v', 'c')
    and not c.relispartition
order by c.relname
"""
FUNCTIONS = """
select
    proname as name,
    pg_get_function_arguments(oid) as arguments,
    pg_get_function_result(oid) as result,
    obj_description(oid, 'pg_proc') as comment,
    array(
        select rolname from pg_roles
        where rolname like 'pgdispatch\\_%' and has_function_privilege(oid, p.oid, 'execute')
        order by rolname
    ) as roles
from pg_proc as p
where pronamespace = 'pgdispatch'::regnamespace and prorettype <> 'trigger'::regtype
order by proname
"""
SETTINGS = "select name, default_value, description from pgdispatch.setting order by name"
TYPES = "select * from pgdispatch.job_type where is_built_in order by rank"


@dataclass(frozen=True)
class Relation:
    """A table, a view or a row type; `rights` are pairs of a role and what it may do."""

    name: str
    kind: str
    comment: str
    columns: list[list[str]]
    rights: list[list[str]]

    def holders(self, right: str) -> list[str]:
        """Return the roles that may do something with at least one column."""
        return [short(role) for role, held in self.rights if held == right]


@dataclass(frozen=True)
class Function:
    """A function, with the roles that may call it."""

    name: str
    arguments: str
    result: str
    comment: str
    roles: list[str]


@dataclass(frozen=True)
class Catalog:
    """All that the page is made from."""

    relations: list[Relation]
    functions: list[Function]
    settings: list[dict[str, Any]]
    types: list[dict[str, Any]]


def short(role: str) -> str:
    """Return the name of a role without what all have in common."""
    return role.removeprefix("pgdispatch_")


def read(connection: psycopg.Connection[Any]) -> Catalog:
    """Read a schema as it was installed.

    Transaction: joins the caller's; commits nothing.
    """
    rows = connection.cursor(row_factory=dict_row)
    return Catalog(
        connection.cursor(row_factory=class_row(Relation)).execute(RELATIONS).fetchall(),
        connection.cursor(row_factory=class_row(Function)).execute(FUNCTIONS).fetchall(),
        *(rows.execute(question).fetchall() for question in (SETTINGS, TYPES)),
    )
