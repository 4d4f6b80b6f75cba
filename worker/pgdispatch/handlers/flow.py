"""`flow`: SQL steps that build a table aside and put it in the old one's place, all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import Connection, Cursor, sql
from psycopg.pq import TransactionStatus

from pgdispatch.errors import InvalidInputError
from pgdispatch.handlers.catalogue import Catalogue, definition_for
from pgdispatch.handlers.catalogue.definition import Flow, Step
from pgdispatch.handlers.source_session import statement, writing

if TYPE_CHECKING:
    from pgdispatch.handler import Context

GRANTS = sql.SQL("""
    select
        grant_.privilege_type,
        pg_catalog.pg_get_userbyid(grant_.grantee),
        grant_.grantee = 0,
        grant_.is_grantable
    from pg_catalog.pg_class as class
    cross join pg_catalog.aclexplode(class.relacl) as grant_
    where class.oid = pg_catalog.to_regclass(%s)
    and grant_.grantee <> class.relowner
""")


REPLACING = "select pg_catalog.pg_advisory_xact_lock(1885824119, pg_catalog.hashtext(%s))"


def run(context: Context, catalogue: Catalogue) -> dict[str, Any]:
    """Run a flow's steps in one transaction; returns rows (of the result), steps and result.

    With a `result`, the steps run in a schema of their own, where they make a table of that
    name; at the end it takes the old one's place with its grants, and what else the steps made is
    dropped. Readers wait for that last moment only, and so do other flows with the same result, by
    an advisory lock: of two that make it for the first time one would fail else. A step that fails,
    a crash or a stop leaves everything as it was.
    """
    definition = definition_for(context.job, "flow", catalogue.flows)
    with writing(context, definition.source) as connection:
        aside = sql.Identifier(f"pgdispatch_flow_{context.job.id}_{context.job.attempt}")
        if definition.result:
            _work_aside(connection, aside)
        rows = 0
        for number, step in enumerate(definition.steps):
            context.check_stop()
            context.progress(100 * number / len(definition.steps), step.name)
            rows = _run_step(connection, definition, step)
            context.log(f"{step.name}: {rows} rows")
        if definition.result:
            context.progress(99, "replace the result")
            rows = _replace(connection, definition, aside)
    return {
        "rows": rows,
        "steps": len(definition.steps),
        "result": ".".join(definition.result) if definition.result else None,
    }


def _work_aside(connection: Connection[Any], aside: sql.Identifier) -> None:
    path = sql.SQL("select set_config('search_path', %s || ', ' || setting, true)")
    from_settings = sql.SQL(" from pg_catalog.pg_settings where name = 'search_path'")
    connection.execute(sql.SQL("create schema {}").format(aside))
    connection.execute(path + from_settings, [aside.as_string(connection)])


def _run_step(connection: Connection[Any], definition: Flow, step: Step) -> int:
    cursor = connection.execute(statement(step.sql), prepare=False)
    if connection.info.transaction_status is not TransactionStatus.INTRANS:
        raise InvalidInputError(
            f'flow "{definition.name}": step "{step.name}" ended the transaction',
            detail="what it committed stays",
            hint="take commit and rollback out of the step",
        )
    return _last_count(cursor)


def _last_count(cursor: Cursor[Any]) -> int:
    while cursor.nextset():
        pass
    return max(cursor.rowcount, 0)


def _replace(connection: Connection[Any], definition: Flow, aside: sql.Identifier) -> int:
    schema, name = definition.result or ("", "")
    built = aside + sql.SQL(".") + sql.Identifier(name)
    result = sql.Identifier(schema, name)
    if _find(connection, built) is None:
        raise InvalidInputError(
            f'the steps of flow "{definition.name}" made no table "{name}"',
            hint=f"create the result without a schema: create table {name} as …",
        )
    connection.execute(REPLACING, [result.as_string(connection)])
    counted = connection.execute(sql.SQL("select count(*) from {}").format(built)).fetchone()
    grants = connection.execute(GRANTS, [result.as_string(connection)]).fetchall()
    connection.execute(sql.SQL("drop table if exists {}").format(result))
    move = sql.SQL("alter table {} set schema {}").format(built, sql.Identifier(schema))
    connection.execute(move)
    for grant in grants:
        connection.execute(_grant(result, *grant))
    connection.execute(sql.SQL("drop schema {} cascade").format(aside))
    return int(counted[0]) if counted else 0


def _find(connection: Connection[Any], table: sql.Composable) -> Any:
    query = sql.SQL("select pg_catalog.to_regclass(%s)::oid")
    row = connection.execute(query, [table.as_string(connection)]).fetchone()
    return row[0] if row else None


def _grant(
    table: sql.Identifier, privilege: str, role: str, everybody: bool, grantable: bool
) -> sql.Composed:
    return sql.SQL("grant {} on table {} to {}{}").format(
        statement(privilege),  # a word of PostgreSQL's own
        table,
        sql.SQL("public") if everybody else sql.Identifier(role),
        sql.SQL(" with grant option") if grantable else sql.SQL(""),
    )
