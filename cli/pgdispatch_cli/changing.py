"""Add and change rows of the small tables: sites, schedules, tasks, nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
from pgdispatch.errors import InvalidInputError, NotFoundError, PgdispatchError
from sqlalchemy import (
    ARRAY,
    Column,
    Connection,
    SmallInteger,
    Table,
    column,
    func,
    insert,
    select,
    table,
    update,
)
from sqlalchemy.exc import IntegrityError

UNIQUE, CHECK = "23505", "23514"
PG_CONSTRAINT = table(
    "pg_constraint",
    column("conname"),
    column("conrelid"),
    column("conkey", ARRAY(SmallInteger)),
    schema="pg_catalog",
)


def given(**values: Any) -> dict[str, Any]:
    """Return the values that were given on the command line: those that are not None."""
    return {name: value for name, value in values.items() if value is not None}


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
            raise NotFoundError(
                f"{of.name} {name} does not exist", hint=f"see: pgdispatch {of.name} list"
            )


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
    message = getattr(diagnosis, "message_primary", None) or str(error.orig)
    if sqlstate == UNIQUE:
        return InvalidInputError(
            f"{of.name} {name} already exists",
            hint=f"see: pgdispatch {of.name} list; or change it: pgdispatch {of.name} change",
        )
    hint = None
    if sqlstate == CHECK and diagnosis is not None:
        hint = rule(connection, of, diagnosis.constraint_name)
    return InvalidInputError(message, hint=hint)


def rule(connection: Connection, of: Table, constraint: str | None) -> str | None:
    """Return what the comment on the column says that a check constraint guards."""
    found = PG_CONSTRAINT.c
    comment = connection.execute(
        select(func.col_description(found.conrelid, found.conkey[1])).where(
            found.conname == constraint, found.conrelid == func.to_regclass(of.fullname)
        )
    ).scalar()
    return None if comment is None else str(comment).removesuffix(".")
