"""Fill a queue of pgdispatch: by the triggers, as applications do, or deep and fast."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from pgdispatch.bench.job_types import JOB_TYPES

MIXED = """
insert into pgdispatch.job (type, priority)
select (%(types)s::text[])[1 + n %% 7], 1 + (hashint4(n) & 1048575) %% 100
from generate_series(1, %(jobs)s) as n
"""
COLUMNS = """
select attname
from pg_attribute
where attrelid = 'pgdispatch.job'::regclass
    and attnum > 0
    and not attisdropped
    and attidentity = ''
    and attgenerated = ''
order by attnum
"""
CHUNK = 1_000_000


def load_mixed(connection: psycopg.Connection[Any], jobs: int) -> None:
    """Insert jobs of all types with priorities 1 to 100, without gates.

    Transaction: one statement of the caller's.
    """
    connection.execute(MIXED, {"types": list(JOB_TYPES), "jobs": jobs})


def load_deep(connection: psycopg.Connection[Any], jobs: int) -> None:
    """Insert jobs like those of `load_mixed`, as copies of 700 of them, without the triggers.

    For the depth alone, where the triggers would take minutes. The copies differ in the time at
    which they were added.
    Transaction: several of its own.
    """
    load_mixed(connection, min(jobs, 700))
    names = [row[0] for row in connection.execute(COLUMNS)]
    chosen = sql.SQL(", ").join(
        sql.SQL("queued_at + n * interval '1 millisecond'")
        if name == "queued_at"
        else sql.Identifier(name)
        for name in names
    )
    statement = sql.SQL(
        "insert into pgdispatch.job ({columns}) select {chosen} from generate_series(1, {rounds})"
        " as n cross join (select * from pgdispatch.job order by id limit 700) as t limit {jobs}"
    )
    connection.execute("alter table pgdispatch.job disable trigger user")
    for start in range(700, jobs, CHUNK):
        wanted = min(CHUNK, jobs - start)
        connection.execute(
            statement.format(
                columns=sql.SQL(", ").join(map(sql.Identifier, names)),
                chosen=chosen,
                rounds=sql.Literal(wanted // 700 + 1),
                jobs=sql.Literal(wanted),
            )
        )
    connection.execute("alter table pgdispatch.job enable trigger user")
