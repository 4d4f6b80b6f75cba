"""Add, change and delete rows of the small tables: sites, schedules, tasks, nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy import (
    ARRAY,
    Column,
    Connection,
    SmallInteger,
    Table,
    column,
    delete,
    func,
    insert,
    select,
    table,
    update,
)
from sqlalchemy.exc import IntegrityError

from pgdispatch.errors import InvalidInputError, NotFoundError, PgdispatchError

UNIQUE, CHECK = "23505", "23514"
COMMANDS = {
    "linked_task": "linked-task",
    "job_type": "type",
    "closed_window": "window",
    "notice_rule": "notice rule",
}
PG_CONSTRAINT = table(
    "pg_constraint",
    column("conname"),
    column("conrelid"),
    column("conkey", ARRAY(SmallInteger)),
    schema="pg_catalog",
)
PG_ATTRIBUTE = table(
    "pg_attribute", column("attrelid"), column("attnum"), column("attname"), schema="pg_catalog"
)


def given(**values: Any) -> dict[str, Any]:
    """Return the values that were given on the command line: those that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def cleared(
    values: Mapping[str, Any], clear: Sequence[str], clearable: Mapping[str, str]
) -> dict[str, Any]:
    """Return `values` and a null for each option in `clear`; `clearable` names their columns.

    What is both set and cleared is a usage error.
    """
    nulls = {clearable[option]: None for option in clear}
    both = [option for option in clear if clearable[option] in values]
    if both:
        raise click.UsageError(f"{both[0]} cannot be both set and cleared")
    return {**values, **nulls}


def add_row(connection: Connection, into: Table, values: Mapping[str, Any]) -> Any:
    """Insert one row and return its key; a refusal says what is wrong with it.

    Transaction: joins the caller's; commits nothing.
    """
    key = key_of(into)
    with refusals(connection, into, values.get(key.name)):
        return connection.execute(insert(into).values(values).returning(key)).scalar_one()


def change_row(
    connection: Connection, of: Table, name: str | int, values: Mapping[str, Any]
) -> None:
    """Update the row whose key is `name`; raises `NotFoundError` if there is none.

    Transaction: joins the caller's; commits nothing.
    """
    if not values:
        raise click.UsageError("nothing to change was given", click.get_current_context())
    key = key_of(of)
    with refusals(connection, of, name):
        changed = connection.execute(update(of).where(key == name).values(values).returning(key))
        if changed.first() is None:
            raise missing(of, name)


def delete_row(connection: Connection, of: Table, name: str | int) -> None:
    """Delete the row whose key is `name`; raises `NotFoundError` if there is none.

    Transaction: joins the caller's; commits nothing.
    """
    key = key_of(of)
    if connection.execute(delete(of).where(key == name).returning(key)).first() is None:
        raise missing(of, name)


def missing(of: Table, name: object) -> NotFoundError:
    """Return the error that says that `of` has no row `name`."""
    return NotFoundError(
        f"{noun_of(of)} {name} does not exist", hint=f"see: pgdispatch {command_of(of)} list"
    )


def noun_of(table: Table) -> str:
    """Return what a row of a table is called: its name in words."""
    return table.name.replace("_", " ")


def command_of(table: Table) -> str:
    """Return the command for the rows of a table."""
    return COMMANDS.get(table.name, table.name)


def key_of(of: Table) -> Column[Any]:
    """Return the one column of a table's primary key."""
    (key,) = of.primary_key.columns
    return key


@contextmanager
def refusals(connection: Connection, of: Table, name: object) -> Iterator[None]:
    """Turn a broken constraint into words: what the schema's own comments say about it."""
    nested = connection.begin_nested()
    try:
        yield
    except IntegrityError as error:
        nested.rollback()
        raise refusal(connection, error, of, name) from error
    nested.commit()


def refusal(
    connection: Connection, error: IntegrityError, of: Table, name: object
) -> PgdispatchError:
    """Return the error in our form."""
    diagnosis = getattr(error.orig, "diag", None)
    sqlstate = getattr(error.orig, "sqlstate", None)
    what = noun_of(of) if name is None else f"{noun_of(of)} {name}"
    if sqlstate == UNIQUE:
        return InvalidInputError(
            f"{what} already exists", hint=f"change it instead: pgdispatch {command_of(of)} change"
        )
    rule = guarded(connection, of, diagnosis.constraint_name) if diagnosis is not None else None
    if sqlstate == CHECK and rule is not None:
        return InvalidInputError(f"{what} has a wrong {rule[0]}", hint=f"{rule[0]}: {rule[1]}")
    return InvalidInputError(
        getattr(diagnosis, "message_primary", None) or str(error.orig),
        detail=getattr(diagnosis, "message_detail", None),
        hint=f"see: pgdispatch {command_of(of)} --help",
    )


def guarded(connection: Connection, of: Table, constraint: str | None) -> tuple[str, str] | None:
    """Return the column that a check constraint guards, and the comment on that column."""
    rule, guards = PG_CONSTRAINT.c, PG_ATTRIBUTE.c
    found = connection.execute(
        select(guards.attname, func.col_description(rule.conrelid, rule.conkey[1]))
        .join_from(PG_CONSTRAINT, PG_ATTRIBUTE, guards.attrelid == rule.conrelid)
        .where(
            guards.attnum == rule.conkey[1],
            rule.conname == constraint,
            rule.conrelid == func.to_regclass(of.fullname),
        )
    ).first()
    return None if found is None else (found[0], str(found[1]).removesuffix("."))
