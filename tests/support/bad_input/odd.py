"""Settings as odd as a server, a database, a user or an environment can have them, all at once."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Format

SETTINGS = {
    "client_encoding": "LATIN1",
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "iso_8601",
    "TimeZone": "Asia/Kolkata",  # its abbreviation, IST, is another zone's for the parser
    "bytea_output": "escape",
    "extra_float_digits": "-15",
    "standard_conforming_strings": "off",
    "escape_string_warning": "off",
    "backslash_quote": "off",
    "array_nulls": "off",
    "transform_null_equals": "on",
    "quote_all_identifiers": "on",
    "row_security": "off",
    "client_min_messages": "error",
    "plpgsql.variable_conflict": "use_column",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "search_path": "traps, pg_catalog, public",
}
ENVIRONMENT = {  # of a process; libpq sends them when it connects
    "PGCLIENTENCODING": "LATIN1",
    "PGDATESTYLE": "German",
    "PGTZ": "Asia/Kolkata",
    "PGOPTIONS": "-c intervalstyle=sql_standard -c extra_float_digits=-15",
}
READ_WRITE = "set session characteristics as transaction isolation level read committed, read write"
MAKE_TRAPS = r"""
do $$
declare
    v_function record;
begin
    create schema traps;
    for v_function in
        select
            p.proname,
            pg_get_function_identity_arguments(p.oid) as takes,
            pg_get_function_result(p.oid) as gives
        from pg_proc as p
        where p.pronamespace = 'pg_catalog'::regnamespace
            and p.prokind = 'f'
            and not p.proretset
            and p.proname in (
                'array_position', 'array_to_string', 'btrim', 'cardinality', 'clock_timestamp',
                'current_setting', 'date_trunc', 'format_type', 'has_function_privilege',
                'hashtext', 'isfinite', 'jsonb_typeof', 'left', 'length', 'lower',
                'make_interval', 'now', 'pg_advisory_xact_lock', 'pg_has_role', 'pg_notify',
                'pg_try_advisory_xact_lock', 'quote_ident', 'random', 'regexp_match',
                'regexp_replace', 'replace', 'round', 'split_part', 'starts_with',
                'string_to_array', 'to_char', 'to_date', 'to_regclass', 'to_timestamp'
            )
            and pg_get_function_arguments(p.oid) !~ 'OUT |VARIADIC'
    loop
        execute format(
            'create function traps.%I(%s) returns %s language plpgsql as '
            '''begin raise exception ''''trapped: %s''''; end''',
            v_function.proname, v_function.takes, v_function.gives, v_function.proname
        );
    end loop;
end $$;
create aggregate traps.count(*) (sfunc = int8inc, stype = bigint, initcond = '1000');
create view traps.pg_class as select 'trapped' as oid;
create view traps.pg_namespace as select 'trapped' as oid;
create view traps.pg_stat_activity as select 'trapped' as pid;
create view traps.pg_roles as select 'trapped' as oid;
create table traps.job (trapped text);
create table traps.site (trapped text);
grant usage on schema traps to public;
"""


class BinaryCursor(psycopg.Cursor[Any]):
    """Reads values in the form that no setting changes."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.format = Format.BINARY


def connect(dsn: str, **options: Any) -> psycopg.Connection[Any]:
    """Connect as a test does that writes and reads under odd settings: all but these two hold.

    `options` go to `psycopg.connect`. Path, quotes and notices are usual, for its words.
    """
    given: dict[str, Any] = {"client_encoding": "UTF8", "cursor_factory": BinaryCursor, **options}
    connection = psycopg.connect(dsn, **given)
    connection.execute(READ_WRITE)
    connection.execute("set search_path = public")
    connection.execute("set quote_all_identifiers = off")
    connection.execute("set client_min_messages = notice")
    if not connection.autocommit:
        connection.commit()
    return connection


def settings(server_version: int) -> dict[str, str]:
    """Return those that a server has: from PostgreSQL 19 on, strings always conform."""
    gone = ("standard_conforming_strings", "escape_string_warning")
    is_there = server_version < 190000
    return {name: value for name, value in SETTINGS.items() if is_there or name not in gone}


def make_odd(dsn: str, *, with_traps: bool = False) -> None:
    """Give a database all odd settings; every later session has them.

    `with_traps` also makes the functions that the search path finds before PostgreSQL's.
    """
    name = str(conninfo_to_dict(dsn)["dbname"])
    with psycopg.connect(dsn, autocommit=True, options="-c default_transaction_read_only=off "
                         "-c standard_conforming_strings=on") as connection:  # fmt: skip
        if with_traps:
            connection.execute(sql.SQL(MAKE_TRAPS))
        for setting, value in settings(connection.info.server_version).items():
            connection.execute(
                sql.SQL("alter database {} set {} = {}").format(
                    sql.Identifier(name),
                    sql.SQL(setting),
                    sql.SQL(value) if setting == "search_path" else sql.Literal(value),
                )
            )
