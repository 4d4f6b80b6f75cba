"""SQL of `export` and `apply`: each reads or writes all rows of a table at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import LiteralString

from psycopg.sql import SQL, Composable, Composed, Identifier

from pgdispatch_cli.estate.kinds import Column

AS_TEXT = {"interval", "time", "timestamptz", "jsonb"}  # their own text says exactly what they are

STANDARD_TEXT = "set local intervalstyle = postgres"
LOCK = "select pgdispatch.lock_configuration()"
OWN_SITES = "select pgdispatch.own_sites()"
HAS_SITE = "select exists (select from pgdispatch.site where name = %s)"

COLUMNS = """
select k.name, a.attname, y.typname, not a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
from unnest(%s::text[]) as k (name)
cross join unnest(pgdispatch.configured_columns(k.name)) with ordinality as c (name, place)
join pg_attribute as a
    on a.attrelid = ('pgdispatch.' || k.name)::regclass and a.attname = c.name
join pg_type as y on y.oid = a.atttypid
left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
order by k.name, c.place
"""

# whom grant_role let in; the owner and superusers may do everything anyway
GRANTS = """
select
    u.rolname,
    array_agg(distinct regexp_replace(r.rolname, '^pgdispatch_(site_)?', '')),
    case
        when bool_or(starts_with(r.rolname, 'pgdispatch_site_')) then
            array(select m.site from pgdispatch.site_member as m where m.member = u.rolname)
    end
from pg_auth_members as a
join pg_roles as r on r.oid = a.roleid
join pg_roles as u on u.oid = a.member
where r.rolname ~ '^pgdispatch_(site_)?(producer|worker|viewer|operator)$'
    and u.rolname !~ '^pgdispatch_(site_)?(producer|worker|viewer|operator)$'
    and not u.rolsuper
    and u.oid <> (select nspowner from pg_namespace where nspname = 'pgdispatch')
group by u.rolname
"""

SETTINGS = "select name, value, default_value from pgdispatch.setting"
TIMEOUTS = "select site, type, timeout::text from pgdispatch.site_timeout"
DAYS = """
select calendar, to_char(day, 'YYYY-MM-DD'), name, is_working
from pgdispatch.calendar_day
order by calendar, day
"""
STEPS = """
select linked_task, step, task, stop_on_failure
from pgdispatch.linked_task_step
order by linked_task, step
"""

GUARDED = """
select a.attname, col_description(c.conrelid, a.attnum)
from pg_constraint as c
join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
where c.contype = 'c'
    and c.conname = %s
    and c.conrelid = to_regclass('pgdispatch.' || %s::text)
"""

TAKES_ALONG = """
select k.name, c.what, c.how_many, c.becomes
from unnest(%s::text[]) as k (name)
cross join lateral pgdispatch.consequences('delete', %s, k.name) as c
where c.how_many is not null
"""

HOLD_SCHEDULES = """
select from pgdispatch.schedule where name = any (%s) order by name for no key update
"""
SET_SETTINGS = """
update pgdispatch.setting as s
set value = r.value
from jsonb_to_recordset(%s::jsonb) as r (name text, value text)
where s.name = r.name
"""
PUT_TIMEOUTS = """
insert into pgdispatch.site_timeout (site, type, timeout)
select site, type, timeout
from jsonb_to_recordset(%s::jsonb) as r (site text, type text, timeout interval)
on conflict (site, type) do update set timeout = excluded.timeout
"""
TAKE_TIMEOUTS = """
delete from pgdispatch.site_timeout as t
using jsonb_to_recordset(%s::jsonb) as r (site text, type text)
where t.site = r.site and t.type = r.type
"""
PUT_DAYS = """
insert into pgdispatch.calendar_day (calendar, day, name, is_working)
select calendar, day, name, works
from jsonb_to_recordset(%s::jsonb) as r (calendar text, day date, name text, works boolean)
on conflict (calendar, day) do update set name = excluded.name, is_working = excluded.is_working
"""
TAKE_DAYS = """
delete from pgdispatch.calendar_day as d
using jsonb_to_recordset(%s::jsonb) as r (calendar text, day date)
where d.calendar = r.calendar and d.day = r.day
"""
TAKE_STEPS = """
delete from pgdispatch.linked_task_step as s
where s.linked_task = any (%s)
    and (s.linked_task, s.step) not in (
        select linked_task, step
        from jsonb_to_recordset(%s::jsonb) as r (linked_task bigint, step integer)
    )
"""
PUT_STEPS = """
insert into pgdispatch.linked_task_step as s (linked_task, step, task, stop_on_failure)
select linked_task, step, task, stop_on_failure
from jsonb_to_recordset(%s::jsonb)
    as r (linked_task bigint, step integer, task bigint, stop_on_failure boolean)
on conflict (linked_task, step) do update
set task = excluded.task, stop_on_failure = excluded.stop_on_failure
where (s.task, s.stop_on_failure) <> (excluded.task, excluded.stop_on_failure)
"""
DELETE = "select pgdispatch.delete(%s, name) from unnest(%s::text[]) as name"
GRANT = "select pgdispatch.grant_role(%s, %s, %s)"
REVOKE = "select pgdispatch.revoke_role(%s, %s, %s)"


def rows_of(
    table: str, columns: Iterable[Column], *, more: Sequence[str] = (), of_site: str | None = None
) -> Composed:
    """Return the question for all rows of a table; `of_site`: its column for the one parameter."""
    fields: list[Composable] = [
        SQL("{0}::text as {0}" if column.type in AS_TEXT else "{}").format(Identifier(column.name))
        for column in columns
    ]
    fields += [Identifier(name) for name in more]
    query = SQL("select {} from {}").format(SQL(", ").join(fields), _relation(table))
    if of_site is not None:
        query += SQL(" where {} = %s").format(Identifier(of_site))
    return query


def normal_form(kind: LiteralString) -> Composed:
    """Return the question for the texts that the database has for values of a type."""
    return SQL(
        "select value::{}::text from unnest(%s::text[]) with ordinality as v (value, place) "
        "order by place"
    ).format(SQL(kind))


def add_rows(table: str, columns: Sequence[Column], *, key: str) -> Composed:
    """Return the insert of rows, in their order, that returns their keys."""
    names = SQL(", ").join(Identifier(column.name) for column in columns)
    return SQL("insert into {} ({}) select {} from {} order by r.place returning {}").format(
        _relation(table),
        names,
        SQL(", ").join(map(_value, columns)),
        _records(columns, SQL("place bigint")),
        Identifier(key),
    )


def delete_rows(table: str) -> Composed:
    """Return the delete of rows by their numbers."""
    return SQL("delete from {} where id = any (%s)").format(_relation(table))


def change_rows(table: str, columns: Sequence[Column], *, key: Column) -> Composed:
    """Return the update of rows that have a key."""
    return SQL("update {} as t set {} from {} where t.{} = r.{}").format(
        _relation(table),
        SQL(", ").join(
            SQL("{} = {}").format(Identifier(column.name), _value(column)) for column in columns
        ),
        _records(columns, SQL("{} {}").format(Identifier(key.name), Identifier(key.type))),
        Identifier(key.name),
        Identifier(key.name),
    )


def _relation(table: str) -> Identifier:
    return Identifier("pgdispatch", table)


def _records(columns: Iterable[Column], first: Composable) -> Composed:
    fields = [
        SQL("{} {}").format(Identifier(c.name), Identifier("text" if c.type == "jsonb" else c.type))
        for c in columns
    ]
    return SQL("jsonb_to_recordset(%s::jsonb) as r ({})").format(SQL(", ").join([first, *fields]))


def _value(column: Column) -> Composed:
    return SQL("r.{}::{}").format(Identifier(column.name), Identifier(column.type))
