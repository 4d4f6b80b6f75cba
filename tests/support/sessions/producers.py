"""Each kind of connection over which an application may insert jobs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import asyncpg
import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session

import pgdispatch
from pgdispatch import NewJob
from pgdispatch import asyncpg as for_asyncpg
from pgdispatch import psycopg as for_psycopg

Insert = Callable[[str, Sequence[str], NewJob], int]
"""Connects, executes what is to be done first, inserts a job, commits; returns the job's id.

What comes first may fail, too.
"""


def engine_of(dsn: str) -> Engine:
    """Return an engine over psycopg."""
    return create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool
    )


def over_psycopg(dsn: str) -> AsyncEngine:
    """Return an engine of asyncio over psycopg."""
    return create_async_engine(
        "postgresql+psycopg://",
        async_creator=lambda: psycopg.AsyncConnection.connect(dsn),
        poolclass=NullPool,
    )


def over_asyncpg(dsn: str) -> AsyncEngine:
    """Return an engine of asyncio over asyncpg."""
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(**asyncpg_options(dsn)),
        poolclass=NullPool,
    )


def asyncpg_options(dsn: str) -> dict[str, Any]:
    """Return what asyncpg needs to connect where libpq would."""
    names = {"host": "host", "port": "port", "user": "user", "dbname": "database"}
    given = conninfo_to_dict(dsn)
    return {name: given[libpq] for libpq, name in names.items() if libpq in given}


async def with_codecs(dsn: str) -> Any:
    """Return a connection of asyncpg that writes JSON by itself, as many applications have it."""
    connection = await asyncpg.connect(**asyncpg_options(dsn))
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
    )
    return connection


def by_psycopg(dsn: str, first: Sequence[str], job: NewJob) -> int:
    """Insert over a connection of psycopg."""
    with psycopg.connect(dsn) as connection:
        with suppress(psycopg.Error):
            for statement in first:
                connection.execute(statement)
        ((made,),) = connection.execute(*for_psycopg.enqueue(**job)).fetchall()
        return int(made)


async def by_psycopg_async(dsn: str, first: Sequence[str], job: NewJob) -> int:
    """Insert over one of its connections of asyncio."""
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        with suppress(psycopg.Error):
            for statement in first:
                await connection.execute(statement)
        cursor = await connection.execute(*for_psycopg.enqueue(**job))
        ((made,),) = await cursor.fetchall()
        return int(made)


async def by_asyncpg(dsn: str, first: Sequence[str], job: NewJob) -> int:
    """Insert over a connection of asyncpg."""
    connection = await with_codecs(dsn)
    try:
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError):
            for statement in first:
                await connection.execute(statement)
        return int(await connection.fetchval(*for_asyncpg.enqueue(**job)))
    finally:
        await connection.close()


def by_engine(dsn: str, first: Sequence[str], job: NewJob) -> int:
    """Insert by a session of SQLAlchemy, as an application with models of its own does."""
    with Session(engine_of(dsn)) as session:
        with suppress(Exception):
            for statement in first:
                session.connection().exec_driver_sql(statement)
        made = session.execute(pgdispatch.enqueue(**job)).scalar_one()
        session.commit()
        return made


def by_async_engine(engine_for: Callable[[str], AsyncEngine]) -> Insert:
    """Insert over a connection of an engine of asyncio."""

    async def insert(dsn: str, first: Sequence[str], job: NewJob) -> int:
        async with engine_for(dsn).connect() as connection:
            with suppress(Exception):
                for statement in first:
                    await connection.execute(text(statement))
            made = (await connection.execute(pgdispatch.enqueue(**job))).scalar_one()
            await connection.commit()
            return made

    return awaited(insert)


def awaited(insert: Callable[[str, Sequence[str], NewJob], Coroutine[Any, Any, int]]) -> Insert:
    """Return a plain function for one that is awaited."""
    return lambda dsn, first, job: asyncio.run(insert(dsn, first, job))


INSERTS: dict[str, Insert] = {
    "psycopg": by_psycopg,
    "psycopg-async": awaited(by_psycopg_async),
    "asyncpg": awaited(by_asyncpg),
    "sqlalchemy-psycopg": by_engine,
    "sqlalchemy-psycopg-async": by_async_engine(over_psycopg),
    "sqlalchemy-asyncpg": by_async_engine(over_asyncpg),
}
