"""Insert jobs over a connection or a pool of asyncpg, in the caller's own transaction.

    job = await connection.fetchval(*enqueue("full_extract", datasource="sales"))
    await copy(connection, [{"type": "alert", "site": site} for site in sites])
    figures = await result(job, pool)  # once it is committed

`connection` is one of its own, or of a pool, or a pool.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any, LiteralString, TypeAlias, Unpack

from pgdispatch.database.statements import OWN_JOB_END
from pgdispatch.new_job import (
    COLUMNS,
    NewJob,
    copy_lines_as_they_come,
    insert_statement,
    one_job,
    parameters_of,
)
from pgdispatch.waiting import end_of, ended

if TYPE_CHECKING:
    from asyncpg import Connection, Pool
    from asyncpg.pool import PoolConnectionProxy

    AnyConnection: TypeAlias = Connection | Pool | PoolConnectionProxy

__all__ = ["copy", "enqueue", "result"]


def enqueue(
    type: str | None = None,  # noqa: A002  # the column's name
    /,
    **columns: Unpack[NewJob],
) -> tuple[LiteralString, *tuple[Any, ...]]:
    """Return the statement that inserts one job and returns its id, and its parameters.

    They are for `fetchval` of a connection or a pool. Only a type (or a task) is needed, see
    `NewJob`; a wrong value is refused by the database when the statement runs, with SQLSTATE JD001
    and a hint. If its key is taken, it is refused with JD011, or there is no row, as `on_conflict`
    says. Raises TypeError or ValueError for `args` that JSON cannot hold.

    Transaction: joins the caller's; commits nothing. The job can start once it is committed. With a
    key it waits for whoever has inserted one with the same key and has not committed yet.
    """
    values = one_job(type, columns)
    marks = (f"${number}" for number in range(1, len(values) + 1))
    return insert_statement(values, marks), *parameters_of(values).values()


async def copy(
    connection: AnyConnection,
    jobs: Iterable[NewJob] | AsyncIterable[NewJob],
) -> int:
    """Insert many jobs by `COPY`; return how many.

    They are read one by one, so they may be as many as you like. All are inserted, or none: one
    that is refused, or an error of `jobs` itself, ends it. Refusals are as for `enqueue`.

    Transaction: joins the caller's; commits nothing. On a pool, one of its own.
    """
    said = await connection.copy_to_table(
        "new_job",
        schema_name="pgdispatch",
        columns=COLUMNS,
        source=_encoded(copy_lines_as_they_come(jobs)),
        format="text",
        encoding="utf8",
    )
    return int(said.rpartition(" ")[2])


async def result(
    job: int, pool: AnyConnection, *, timeout: float | None = None
) -> dict[str, Any] | None:
    """Wait until a job that this database user inserted has ended; return what its handler did.

    It looks again and again, ever more seldom, every two seconds at last; meanwhile it holds no
    connection of the pool. A retry is waited for, too. Raises `JobEndedError` if the job has failed
    or was cancelled, `NotFoundError` if this user has no such job (its insert is not committed yet,
    or its history was dropped), and `TimeoutError` after `timeout` seconds; the job goes on then.

    Transaction: one of its own for each look, or that which the connection is in; reads only.
    """

    async def look() -> dict[str, Any] | None:
        return end_of(await pool.fetchrow(OWN_JOB_END.format(job="$1"), job))

    return await ended(job, look, timeout)


async def _encoded(lines: AsyncIterator[str]) -> AsyncIterator[bytes]:
    async for line in lines:
        yield line.encode()
