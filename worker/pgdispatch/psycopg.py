"""Insert jobs over a connection of psycopg 3, of either kind, in the caller's own transaction.

    with psycopg.connect(dsn) as connection:
        job = connection.execute(*enqueue("full_extract", datasource="sales")).fetchone()
        copy(connection, [{"type": "alert", "site": site} for site in sites])

On an `AsyncConnection` both are awaited. With asyncio what a job has brought can be waited for,
once its insert is committed: `figures = await result(job, pool)`.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, LiteralString, Protocol, Unpack, overload

from psycopg import AsyncConnection, Connection
from psycopg.rows import tuple_row

from pgdispatch.database.statements import OWN_JOB_END
from pgdispatch.new_job import (
    COPY,
    NewJob,
    copy_lines,
    copy_lines_as_they_come,
    insert_statement,
    one_job,
    parameters_of,
)
from pgdispatch.waiting import end_of, ended

__all__ = ["Pool", "copy", "enqueue", "result"]


class Pool(Protocol):
    """What gives connections, as an `AsyncConnectionPool` does."""

    def connection(self) -> AbstractAsyncContextManager[AsyncConnection[Any]]:
        """Give one for the time of an `async with`."""


def enqueue(
    type: str | None = None,  # noqa: A002  # the column's name
    /,
    **columns: Unpack[NewJob],
) -> tuple[LiteralString, dict[str, Any]]:
    """Return the statement that inserts one job and returns its id, and its parameters.

    They are for `execute` of a connection or a cursor. Only a type (or a task) is needed, see
    `NewJob`; a wrong value is refused by the database when the statement runs, with SQLSTATE JD001
    and a hint. If its key is taken, it is refused with JD011, or there is no row, as `on_conflict`
    says. Raises TypeError or ValueError for `args` that JSON cannot hold.

    Transaction: joins the caller's; commits nothing. The job can start once it is committed. With a
    key it waits for whoever has inserted one with the same key and has not committed yet.
    """
    values = one_job(type, columns)
    statement = insert_statement(values, (f"%({name})s" for name in values))
    return statement, parameters_of(values)


@overload
def copy(connection: Connection[Any], jobs: Iterable[NewJob]) -> int: ...


@overload
def copy(
    connection: AsyncConnection[Any], jobs: Iterable[NewJob] | AsyncIterable[NewJob]
) -> Coroutine[Any, Any, int]: ...


def copy(connection: Any, jobs: Any) -> Any:
    """Insert many jobs by `COPY`; return how many. To be awaited on an `AsyncConnection`.

    They are read one by one, so they may be as many as you like, and there an asynchronous iterator
    as well. All are inserted, or none: one that is refused, or an error of `jobs` itself, ends it.
    Refusals are as for `enqueue`.

    Transaction: joins the caller's; commits nothing.
    """
    if isinstance(connection, AsyncConnection):
        return _copy(connection, jobs)
    with connection.cursor() as cursor:
        with cursor.copy(COPY) as copying:
            for line in copy_lines(jobs):
                copying.write(line)
        return cursor.rowcount


async def result(job: int, pool: Pool, *, timeout: float | None = None) -> dict[str, Any] | None:
    """Wait until a job that this database user inserted has ended; return what its handler did.

    It looks again and again, ever more seldom, every two seconds at last; meanwhile it holds no
    connection. A retry is waited for, too. Raises `JobEndedError` if the job has failed or was
    cancelled, `NotFoundError` if this user has no such job (its insert is not committed yet, or its
    history was dropped), and `TimeoutError` after `timeout` seconds; the job goes on even so.

    Transaction: one of its own for each look, on a connection of the pool; reads only.
    """

    async def look() -> dict[str, Any] | None:
        async with pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            await cursor.execute(OWN_JOB_END.format(job="%s"), [job])
            return end_of(await cursor.fetchone())

    return await ended(job, look, timeout)


async def _copy(
    connection: AsyncConnection[Any], jobs: Iterable[NewJob] | AsyncIterable[NewJob]
) -> int:
    async with connection.cursor() as cursor:
        async with cursor.copy(COPY) as copying:
            async for line in copy_lines_as_they_come(jobs):
                await copying.write(line)
        return cursor.rowcount
