"""Insert jobs from an application, on its own connection and in its own transaction.

    with engine.begin() as connection:
        job = connection.execute(enqueue("full_extract", datasource="sales")).scalar_one()

The statement is SQLAlchemy Core's: for its connections and sessions on PostgreSQL, whatever the
driver, and with `await` for those of its asyncio engines. For a driver's own connection there are
`pgdispatch.psycopg` and `pgdispatch.asyncpg`.

What a job has brought can be waited for, once its insert is committed:

    figures = await result(job, engine)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from pgdispatch import tables
from pgdispatch.new_job import NewJob, one_job
from pgdispatch.waiting import ended

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


def enqueue(
    type: str | None = None,  # noqa: A002  # the column's name
    /,
    **columns: Unpack[NewJob],
) -> ReturningInsert[int]:
    """Return the statement that inserts one job and returns its id.

    Only a type (or a task) is needed, see `NewJob`; a wrong value is refused by the database when
    the statement runs, with SQLSTATE JD001 and a hint. If its key is taken, it is refused with
    JD011, or there is no row, as `on_conflict` says: ask for `scalar_one_or_none()` then.

    Transaction: joins the caller's; commits nothing. The job can start once it is committed. With a
    key it waits for whoever has inserted one with the same key and has not committed yet.
    """
    values = one_job(type, columns)
    return insert(tables.job).values(values).returning(tables.job.c.id)


async def result(
    job: int, engine: AsyncEngine, *, timeout: float | None = None
) -> dict[str, Any] | None:
    """Wait until a job that this database user inserted has ended; return what its handler did.

    It looks again and again, ever more seldom, every two seconds at last; meanwhile it holds no
    connection. A retry is waited for, too. Raises `JobEndedError` if the job has failed or was
    cancelled, `NotFoundError` if this user has no such job (its insert is not committed yet, or its
    history was dropped), and `TimeoutError` after `timeout` seconds; the job goes on even so.

    Transaction: one of its own for each look, on a connection of `engine`; reads only.
    """
    own = tables.own_job.c
    query = select(own.state, own.error, own.result, own.cancel_reason).where(own.job == job)

    async def look() -> Mapping[str, Any] | None:
        async with engine.connect() as connection:
            found = (await connection.execute(query)).mappings().first()
            return None if found is None else dict(found)

    return await ended(job, look, timeout)
