"""Insert jobs from an application, on its own connection and in its own transaction.

    with engine.begin() as connection:
        job = connection.execute(enqueue("full_extract", datasource="sales")).scalar_one()

The statement is SQLAlchemy Core's: for its connections and sessions on PostgreSQL, whatever the
driver, and with `await` for those of its asyncio engines. A driver's connection does not take it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from pgdispatch import tables


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
) -> ReturningInsert[int]:
    """Return the statement that inserts one job and returns its id.

    Only a type (or a task) is needed; what is left out, the database fills in. A wrong value is
    refused by the database when the statement runs, with SQLSTATE JD001 and a hint.

    Transaction: joins the caller's; commits nothing. The job can start once it is committed.
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
    }
    values = {name: value for name, value in given.items() if value is not None}
    return insert(tables.job).values(values).returning(tables.job.c.id)
