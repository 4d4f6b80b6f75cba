"""Producers, over each kind of connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import psycopg
from sqlalchemy import Engine, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

import pgdispatch.asyncpg
import pgdispatch.psycopg
from pgdispatch import NewJob, enqueue, is_passing, result, tables
from pgdispatch.errors import JobEndedError, PgdispatchError

NIGHTLY: NewJob = {
    "type": "full_extract",
    "args": {"table": "sales"},
    "not_before": datetime(2100, 1, 1, tzinfo=UTC),
    "timeout": timedelta(hours=1),
}


def by_psycopg(dsn: str, titles: Iterable[str]) -> tuple[int, int]:
    """Insert one job, and one for each title."""
    with psycopg.connect(dsn) as connection:
        made = connection.execute(*pgdispatch.psycopg.enqueue("system", priority=10)).fetchone()
        assert made is not None
        job: int = made[0]
        jobs: list[NewJob] = [{"type": "alert", "title": title} for title in titles]
        return job, pgdispatch.psycopg.copy(connection, jobs)


async def by_psycopg_async(dsn: str, jobs: AsyncIterator[NewJob]) -> int:
    """Insert one job after the other as they come."""
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        await connection.execute(*pgdispatch.psycopg.enqueue(**NIGHTLY))
        return await pgdispatch.psycopg.copy(connection, jobs)


async def by_asyncpg(pool: asyncpg.Pool, jobs: Iterable[NewJob]) -> int:
    """Insert over a pool, wait, and insert over one of its connections."""
    job = await pool.fetchval(*pgdispatch.asyncpg.enqueue("flow", datasource="sales"))
    figures = await pgdispatch.asyncpg.result(int(job), pool, timeout=60)
    if figures is None:
        return 0
    async with pool.acquire() as connection, connection.transaction():
        return await pgdispatch.asyncpg.copy(connection, jobs)


def by_engine(engine: Engine) -> int:
    """Insert one job, or say that it is for later."""
    try:
        with engine.begin() as connection:
            job = connection.execute(enqueue("full_extract", datasource="sales")).scalar_one()
            connection.execute(insert(tables.job), [{"type": "alert"}, {"type": "system"}])
            return job
    except Exception as error:
        if is_passing(error):
            return 0
        raise


def by_session(session: Session) -> int:
    """Insert in the transaction of a session."""
    return session.execute(enqueue(**NIGHTLY)).scalar_one()


async def and_wait(engine: AsyncEngine) -> dict[str, Any] | None:
    """Insert a job and wait for what it brings."""
    async with AsyncSession(engine) as session, session.begin():
        job = (await session.execute(enqueue("full_extract"))).scalar_one()
    try:
        return await result(job, engine, timeout=60)
    except JobEndedError as error:
        return {"outcome": error.outcome}
    except PgdispatchError as error:
        return {"error": error.message, "hint": error.hint}


def waiting(engine: Engine) -> list[int]:
    """Return the jobs of one's own that wait."""
    own = tables.own_job.c
    with engine.connect() as connection:
        return list(connection.scalars(select(own.job).where(own.state == "waiting")))
