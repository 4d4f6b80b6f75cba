"""`enqueue`: a statement for whatever SQLAlchemy has connected to PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from pgdispatch import enqueue, result
from pgdispatch.errors import JobEndedError, NotFoundError, PgdispatchError
from support.pages import FIRST_STEPS, python_blocks
from support.servers.embedded import Connect
from support.sessions.verbs import Verbs


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
    given = conninfo_to_dict(dsn)
    names = {"host": "host", "port": "port", "user": "user", "dbname": "database"}
    options: dict[str, Any] = {
        name: given[libpq] for libpq, name in names.items() if libpq in given
    }
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(**options),
        poolclass=NullPool,
    )


def by_the_readme(dsn: str) -> int:
    """Run the page's own lines."""
    block = python_blocks(FIRST_STEPS)[-1]
    names: dict[str, Any] = {"engine": engine_of(dsn)}
    exec(block, names)  # noqa: S102  # that is what a reader does
    return int(names["job"])


def by_a_session(dsn: str) -> int:
    """Insert as an application with models of its own does."""
    with Session(engine_of(dsn)) as session, session.begin():
        return session.execute(enqueue("full_extract", datasource="sales")).scalar_one()


def awaited(engine_for: Callable[[str], AsyncEngine]) -> Callable[[str], int]:
    """Insert by a session of asyncio."""

    async def insert(dsn: str) -> int:
        async with AsyncSession(engine_for(dsn)) as session, session.begin():
            made = await session.execute(enqueue("full_extract", datasource="sales"))
            return made.scalar_one()

    return lambda dsn: asyncio.run(insert(dsn))


@pytest.mark.parametrize(
    "insert", [by_the_readme, by_a_session, awaited(over_psycopg), awaited(over_asyncpg)]
)
def test_a_job_is_inserted_with_what_was_given(
    insert: Callable[[str], int], database: str, connect: Connect
) -> None:
    """By each kind of connection that the README names; the job's id comes back."""
    job = insert(database)

    rows = connect(database).execute("select id, type, datasource from pgdispatch.job").fetchall()
    assert rows == [(job, "full_extract", "sales")]


def test_the_end_of_a_job_is_waited_for(verbs: Verbs, database: str) -> None:
    """What it brought is returned; a failure, a cancellation and what is not there are told."""
    done, failed, cancelled = (verbs.job() for _ in "123")
    waits = verbs.job(not_before=datetime(2100, 1, 1, tzinfo=UTC))

    async def end(engine: AsyncEngine) -> Any:
        later = asyncio.ensure_future(result(done, engine))
        for job in (verbs.claim("n:1"), verbs.claim("n:2")):
            verb = "finish(%s, 1, '{\"rows\": 7}')" if job == done else "fail(%s, 1, 'boom')"
            verbs.run(f"select pgdispatch.{verb}", job)
        verbs.run("select pgdispatch.cancel(%s, 'wrong month')", cancelled)
        return await later

    async def go() -> list[Any]:
        engine = over_asyncpg(database)
        try:
            found = [await end(engine)]
            for job in (failed, cancelled, waits, waits + 1):
                try:
                    found.append(await result(job, engine, timeout=0.3))
                except (PgdispatchError, TimeoutError) as error:
                    found.append(error)
            return found
        finally:
            await engine.dispose()

    value, *errors = asyncio.run(go())

    assert value == {"rows": 7}
    assert [type(error) for error in errors] == [
        JobEndedError,
        JobEndedError,
        TimeoutError,
        NotFoundError,
    ]
    assert (errors[0].outcome, errors[0].detail) == ("failed", "boom")
    assert (errors[1].outcome, errors[1].detail) == ("cancelled", "wrong month")
