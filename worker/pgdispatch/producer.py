"""Insert jobs from an application, on its own connection and in its own transaction.

    with engine.begin() as connection:
        job = connection.execute(enqueue("full_extract", datasource="sales")).scalar_one()

The statement is SQLAlchemy Core's: for its connections and sessions on PostgreSQL, whatever the
driver, and with `await` for those of its asyncio engines. A driver's connection does not take it.

What a job has brought can be waited for, once its insert is committed:

    figures = await result(job, engine)
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from pgdispatch import tables
from pgdispatch.errors import JobEndedError, NotFoundError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

KeyUntil: TypeAlias = Literal["started", "ended", "forgotten"]
OnConflict: TypeAlias = Literal["refuse", "nothing", "replace"]

LOOK_AGAIN = (0.05, 2.0)  # seconds: at first, and at most


def enqueue(  # one keyword for each column that an application may set
    type: str | None = None,  # noqa: A002  # the column's name
    *,
    site: str | None = None,
    title: str | None = None,
    datasource: str | None = None,
    schedule: str | None = None,
    task: int | None = None,
    priority: int | None = None,
    args: Mapping[str, Any] | None = None,
    not_before: datetime | None = None,
    timeout: timedelta | None = None,
    max_attempts: int | None = None,
    created_by: str | None = None,
    traceparent: str | None = None,
    key: str | None = None,
    key_until: KeyUntil | None = None,
    on_conflict: OnConflict | None = None,
) -> ReturningInsert[int]:
    """Return the statement that inserts one job and returns its id.

    Only a type (or a task) is needed; what is left out, the database fills in. A wrong value is
    refused by the database when the statement runs, with SQLSTATE JD001 and a hint.

    `traceparent` is the trace that the job belongs to, in the form of the W3C header of that name;
    if it is not given, that of the current span of OpenTelemetry, if there is one. One that is
    wrong, or empty, counts as none.

    While a job waits with the `key`, its site gets no second one with it; `key_until` may say
    `ended`: nor while it runs, or `forgotten`: nor while the history has it. A second insert is
    refused, with JD011, or does as `on_conflict` says. `nothing`: it is left out. `replace`: the
    job that waits gets its arguments and priority. Either returns no row, so ask for
    `scalar_one_or_none()`; the job that has the key is in `own_job`.

    Transaction: joins the caller's; commits nothing. The job can start once it is committed. With a
    key it waits for whoever has inserted one with the same key and has not committed yet.
    """
    given = {
        "type": type,
        "site": site,
        "title": title,
        "datasource": datasource,
        "schedule": schedule,
        "task": task,
        "priority": priority,
        "args": None if args is None else dict(args),
        "not_before": not_before,
        "timeout": timeout,
        "max_attempts": max_attempts,
        "created_by": created_by,
        "traceparent": _current_trace() if traceparent is None else traceparent,
        "key": key,
        "key_until": key_until,
        "on_conflict": on_conflict,
    }
    values = {name: value for name, value in given.items() if value is not None}
    return insert(tables.job).values(values).returning(tables.job.c.id)


def _current_trace() -> str | None:
    """Return the traceparent of the current span. Who has not imported OpenTelemetry has none."""
    if "opentelemetry.trace" not in sys.modules:
        return None
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415  # it is there
        TraceContextTextMapPropagator,
    )

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent")


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
    async with asyncio.timeout(timeout):
        pause, longest = LOOK_AGAIN
        while True:
            found = await _look(job, engine)
            if found["state"] == "succeeded":
                value: dict[str, Any] | None = found["result"]
                return value
            if found["state"] in ("failed", "cancelled"):
                words = "has failed" if found["state"] == "failed" else "was cancelled"
                raise JobEndedError(
                    f"job {job} {words}",
                    outcome=found["state"],
                    detail=found["error"] or found["cancel_reason"],
                )
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311  # jitter
            pause = min(pause * 1.5, longest)


async def _look(job: int, engine: AsyncEngine) -> Mapping[str, Any]:
    own = tables.own_job.c
    query = select(own.state, own.error, own.result, own.cancel_reason).where(own.job == job)
    async with engine.connect() as connection:
        found = (await connection.execute(query)).mappings().first()
    if found is None:
        raise NotFoundError(
            f"you have no job {job}",
            hint="commit its insert first; own_job has what this database user inserted",
        )
    return dict(found)
