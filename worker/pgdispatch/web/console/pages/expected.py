"""What is expected of the coming hours, for pages that show it beside what is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.reading import Rows, ask

Link = psycopg.Connection[dict[str, Any]]


def ask_expected(connection: Link, statement: str, /, **values: Any) -> Rows:
    """Return the rows of a statement about the forecast; none on a standby, which has none.

    Transaction: joins the caller's; reads only.
    """
    try:
        return ask(connection, statement, **values)
    except psycopg.errors.FeatureNotSupported:  # unlogged tables, during recovery
        return Rows()


def with_forecasts(connection: Link, rows: Rows) -> tuple[Rows, Rows]:
    """Return rows of jobs, each with its `forecast` (None: nothing is said), and what was asked.

    Transaction: joins the caller's; reads only.
    """
    said = forecasts_of(connection, [row["job"] for row in rows if row["job"] is not None])
    of_job = {row["job"]: row for row in said}
    return rows.but([{**row, "forecast": of_job.get(row["job"])} for row in rows]), said


def forecasts_of(connection: Link, jobs: Sequence[int]) -> Rows:
    """Return what is said of these jobs.

    Transaction: joins the caller's; reads only.
    """
    if not jobs:
        return Rows()
    return ask_expected(connection, statements.JOB_FORECASTS, jobs=list(jobs))
