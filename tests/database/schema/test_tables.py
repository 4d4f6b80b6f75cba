"""What SQLAlchemy is told about the schema is what the schema is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column
from sqlalchemy.dialects import postgresql

from pgdispatch import tables
from support.servers.embedded import Connect

COLUMNS = """
select a.attname, format_type(a.atttypid, a.atttypmod)
from pg_attribute as a
where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped
"""
RELATIONS = """
select relname from pg_class
where relnamespace = 'pgdispatch'::regnamespace
    and relkind in ('r', 'p', 'v')
    and not relispartition
"""
SPELLINGS = {"double": "double precision"}
TABLES = tables.queue.metadata.tables


def type_of(column: Column[Any]) -> str:
    """Return the type of a column as PostgreSQL spells it."""
    kind = column.type.compile(postgresql.dialect()).lower()  # type: ignore[no-untyped-call]
    return SPELLINGS.get(kind, kind)


def test_every_table_and_view_is_known(database: str, connect: Connect) -> None:
    """None is missing, none is made up."""
    found = connect(database).execute(RELATIONS).fetchall()

    assert {table.name for table in TABLES.values()} == {name for (name,) in found}


def test_columns_and_types_are_those_of_the_database(database: str, connect: Connect) -> None:
    """Order aside, which the job and its history share out differently."""
    connection = connect(database)
    expected = {name: dict(connection.execute(COLUMNS, [name]).fetchall()) for name in TABLES}

    assert {
        name: {column.name: type_of(column) for column in table.columns}
        for name, table in TABLES.items()
    } == expected
