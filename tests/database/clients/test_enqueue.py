"""`enqueue` and `copy`: jobs over each kind of connection that an application may have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from pgdispatch import NewJob, result
from pgdispatch import asyncpg as for_asyncpg
from pgdispatch import psycopg as for_psycopg
from pgdispatch.errors import JobEndedError, NotFoundError, PgdispatchError
from support.checkout import ROOT
from support.pages import FIRST_STEPS, python_blocks
from support.servers.embedded import Connect
from support.sessions.producers import (
    INSERTS,
    asyncpg_options,
    engine_of,
    over_asyncpg,
    with_codecs,
)
from support.sessions.verbs import Verbs

PRODUCERS = ROOT / "worker" / "PRODUCERS.md"
COLUMNS = ", ".join(NewJob.__annotations__)
GIVEN: NewJob = {
    "type": "full_extract",
    "site": "north",
    "title": "Tab\t, line\n, \\N \\. 'quotes' \"too\", $1 %s %(a)s {b} 漢字",
    "datasource": "sales",
    "priority": 20,
    "args": {"table": "sales", "parts": [1, None, {"deep": '\\u0041 " \n'}]},
    "not_before": datetime(2100, 1, 1, 12, 30, 0, 5, tzinfo=UTC),
    "timeout": timedelta(days=2, microseconds=7),
    "max_attempts": 3,
    "created_by": "ledger",
    "traceparent": f"00-{10:032x}-{11:016x}-01",
    "key": "order 17",
    "key_until": "ended",
    "on_conflict": "nothing",
}
PLAIN: NewJob = {"type": "alert", "title": None}
Copy = Callable[[str, Iterable[NewJob]], int]


def copied(dsn: str, jobs: Iterable[NewJob]) -> int:
    """Copy over a connection of psycopg."""
    with psycopg.connect(dsn) as connection:
        return for_psycopg.copy(connection, jobs)


def awaited(*, is_psycopg: bool, is_stream: bool) -> Copy:
    """Copy over a connection of asyncio, from an asynchronous iterator or a plain one."""

    async def stream(jobs: Iterable[NewJob]) -> AsyncIterator[NewJob]:
        for job in jobs:
            yield job

    async def copy(dsn: str, jobs: Iterable[NewJob]) -> int:
        given = stream(jobs) if is_stream else jobs
        if is_psycopg:
            async with await psycopg.AsyncConnection.connect(dsn) as connection:
                return await for_psycopg.copy(connection, given)
        found = await with_codecs(dsn)
        try:
            return await for_asyncpg.copy(found, given)
        finally:
            await found.close()

    return lambda dsn, jobs: asyncio.run(copy(dsn, jobs))


COPIES: dict[str, Copy] = {
    "psycopg": copied,
    "psycopg-async": awaited(is_psycopg=True, is_stream=False),
    "psycopg-stream": awaited(is_psycopg=True, is_stream=True),
    "asyncpg": awaited(is_psycopg=False, is_stream=False),
    "asyncpg-stream": awaited(is_psycopg=False, is_stream=True),
}


@pytest.fixture
def producer(verbs: Verbs, database: str) -> Iterator[str]:
    """Give the DSN of an application that may insert and nothing else; there is a site north."""
    verbs.site("north")
    verbs.run("create role pgdispatch_test_producer login in role pgdispatch_producer")
    yield make_conninfo(database, user="pgdispatch_test_producer")
    verbs.run("drop role pgdispatch_test_producer")


def jobs_in(verbs: Verbs) -> list[dict[str, Any]]:
    """Return what is in the queue of the columns that an application may set."""
    return verbs.rows(f"select {COLUMNS} from pgdispatch.job order by id")


def filled(verbs: Verbs, job: NewJob) -> dict[str, Any]:
    """Return the columns of the job that has been inserted with these, as psql would insert it."""
    given: dict[str, Any] = {name: value for name, value in job.items() if value is not None}
    if "args" in given:
        given["args"] = Jsonb(given["args"])
    made = verbs.job(**{"created_by": "pgdispatch_test_producer", **given})
    (row,) = verbs.rows(f"delete from pgdispatch.job where id = %s returning {COLUMNS}", made)
    return row


def test_a_job_is_inserted_as_the_readme_says(database: str, connect: Connect) -> None:
    """By the page's own lines; the job's id comes back."""
    block = python_blocks(FIRST_STEPS)[-1]
    names: dict[str, Any] = {"engine": engine_of(database)}
    exec(block, names)  # noqa: S102  # that is what a reader does

    rows = connect(database).execute("select id, type, datasource from pgdispatch.job").fetchall()
    assert rows == [(names["job"], "full_extract", "sales")]


@pytest.mark.usefixtures("newest_only")
def test_jobs_are_inserted_as_the_page_on_producers_says(database: str, connect: Connect) -> None:
    """By psycopg, then by asyncpg."""
    by_psycopg, by_asyncpg = (dict[str, Any](), dict[str, Any]())
    for block, names in zip(python_blocks(PRODUCERS), (by_psycopg, by_asyncpg), strict=True):
        exec(block, names)  # noqa: S102  # that is what a reader does

    async def order() -> int:
        connection = await with_codecs(database)
        try:
            return int(await by_asyncpg["order"](connection, [3, 4]))
        finally:
            await connection.close()

    made = [by_psycopg["order"](database, [1, 2]), asyncio.run(order())]
    query = "select title, args->'order' from pgdispatch.job order by id"
    rows = connect(database).execute(query).fetchall()
    first, second = ("Make ready", None), ("Make ready", None)
    assert rows == [first, (None, 1), (None, 2), second, (None, 3), (None, 4)]
    heads = "select id from pgdispatch.job where title is not null order by id"
    assert [job for (job,) in connect(database).execute(heads)] == made


@pytest.mark.parametrize("kind", INSERTS)
@pytest.mark.usefixtures("newest_only")
def test_a_job_is_inserted_with_what_was_given(kind: str, producer: str, verbs: Verbs) -> None:
    """By each kind of connection; what was not given is filled in, and the job's id comes back."""
    wanted = [filled(verbs, job) for job in (GIVEN, PLAIN)]
    made = [INSERTS[kind](producer, (), job) for job in (GIVEN, PLAIN)]

    assert jobs_in(verbs) == wanted
    assert verbs.values("select id from pgdispatch.job order by id") == made


@pytest.mark.parametrize("kind", COPIES)
def test_many_jobs_are_copied_with_what_was_given(kind: str, producer: str, verbs: Verbs) -> None:
    """Each with columns of its own; how many comes back."""
    wanted = [filled(verbs, job) for job in (GIVEN, PLAIN)]
    count = COPIES[kind](producer, (job for job in (GIVEN, PLAIN)))

    assert (count, jobs_in(verbs)) == (2, wanted)


def endless() -> Iterator[NewJob]:
    """Yield jobs until the source of them breaks."""
    yield PLAIN
    raise LookupError("the source is gone")


@pytest.mark.parametrize("kind", COPIES)
@pytest.mark.usefixtures("newest_only")
def test_of_many_jobs_none_is_copied_if_one_cannot_be(
    kind: str, producer: str, verbs: Verbs
) -> None:
    """A refused one, a column that there is not, args that are not JSON, a source that breaks."""
    copy, found = COPIES[kind], list[Any]()
    wrong: Any = [
        [PLAIN, {"type": "nope"}],
        [PLAIN, {"type": "system", "id": 7}],
        [PLAIN, {"type": "system", "args": {"a": float("nan")}}],
        endless(),
    ]
    for jobs in wrong:
        with pytest.raises(Exception) as refused:  # noqa: PT011  # each has a class of its own
            copy(producer, jobs)
        found.append(getattr(refused.value, "sqlstate", type(refused.value)))

    assert found == ["JD001", TypeError, ValueError, LookupError]
    assert jobs_in(verbs) == []


@pytest.mark.parametrize("is_psycopg", [True, False], ids=["psycopg", "asyncpg"])
@pytest.mark.usefixtures("newest_only")
def test_a_copy_that_is_cancelled_inserts_nothing(
    is_psycopg: bool, producer: str, verbs: Verbs
) -> None:
    """In the middle; its connection goes on."""

    async def go() -> None:
        is_under_way = asyncio.Event()

        async def stuck() -> AsyncIterator[NewJob]:
            yield PLAIN
            is_under_way.set()
            await asyncio.Event().wait()

        if is_psycopg:
            connection: Any = await psycopg.AsyncConnection.connect(producer, autocommit=True)
            copying = asyncio.ensure_future(for_psycopg.copy(connection, stuck()))
        else:
            connection = await with_codecs(producer)
            copying = asyncio.ensure_future(for_asyncpg.copy(connection, stuck()))
        await is_under_way.wait()
        copying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await copying
        enqueue = for_psycopg.enqueue if is_psycopg else for_asyncpg.enqueue
        await connection.execute(*enqueue("system"))
        await connection.close()

    asyncio.run(go())

    assert [job["type"] for job in jobs_in(verbs)] == ["system"]


@pytest.mark.parametrize("module", [for_psycopg, for_asyncpg])
def test_what_is_no_column_never_gets_into_a_statement(module: Any) -> None:
    """It is refused by its name, before anything is sent."""
    with pytest.raises(TypeError, match="a new job has no 'state'; it may have: type, site, "):
        module.enqueue("system", state="running")
    with pytest.raises(TypeError, match="the type is given twice"):
        module.enqueue("system", type="flow")


@dataclass
class Opener:
    """Gives a new connection of psycopg each time, as a pool gives one of its own."""

    dsn: str

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """Give one for a while."""
        async with await psycopg.AsyncConnection.connect(self.dsn) as connection:
            yield connection


Wait = Callable[[int, float | None], Awaitable[dict[str, Any] | None]]


@asynccontextmanager
async def waiting_by(kind: str, dsn: str) -> AsyncIterator[Wait]:
    """Give what waits for a job over a kind of connection."""
    if kind == "psycopg":
        yield lambda job, timeout: for_psycopg.result(job, Opener(dsn), timeout=timeout)
    elif kind == "asyncpg":
        async with asyncpg.create_pool(**asyncpg_options(dsn), min_size=1, max_size=1) as pool:
            yield lambda job, timeout: for_asyncpg.result(job, pool, timeout=timeout)
    else:
        engine = over_asyncpg(dsn)
        yield lambda job, timeout: result(job, engine, timeout=timeout)
        await engine.dispose()


@pytest.mark.parametrize("kind", ["psycopg", "asyncpg", "sqlalchemy"])
@pytest.mark.usefixtures("newest_only")
def test_the_end_of_a_job_is_waited_for(kind: str, verbs: Verbs, database: str) -> None:
    """What it brought is returned; a failure, a cancellation and what is not there are told."""
    done, failed, cancelled = (verbs.job() for _ in "123")
    waits = verbs.job(not_before=datetime(2100, 1, 1, tzinfo=UTC))

    def end() -> None:
        for job in (verbs.claim("n:1"), verbs.claim("n:2")):
            verb = "finish(%s, 1, '{\"rows\": 7}')" if job == done else "fail(%s, 1, 'boom')"
            verbs.run(f"select pgdispatch.{verb}", job)
        verbs.run("select pgdispatch.cancel(%s, 'wrong month')", cancelled)

    async def go() -> list[Any]:
        async with waiting_by(kind, database) as wait:
            later = asyncio.ensure_future(wait(done, None))
            end()
            found: list[Any] = [await later]
            for job in (failed, cancelled, waits, waits + 1):
                try:
                    found.append(await wait(job, 0.3))
                except (PgdispatchError, TimeoutError) as error:
                    found.append(error)
            return found

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
