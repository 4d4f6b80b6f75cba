"""Tests of the handlers, without a database."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from my_jobs import handlers, rows, total

from pgdispatch.testing import Ending, RecordingContext, context, run


def ended(job: RecordingContext) -> Ending:
    """Run the handler of a job."""
    return run(job, handlers)


def test_an_extract_is_built() -> None:
    """With its figures as JSON."""
    job = context("full_extract", args={"table": "sales"})

    assert ended(job).result == {"month": "2030-01-01", "total": "12.50"}
    assert job.lines == ["reading sales"]
    assert [note for _, note in job.reports] == ["part 0", "part 1"]
    assert sum(job.waits) > 0


def test_a_job_without_a_table_is_not_tried_again() -> None:
    """Its arguments would be wrong each time."""
    ending = ended(context("full_extract"))

    assert (ending.outcome, ending.is_final) == ("failed", True)


def test_an_alert_is_tried_again_later() -> None:
    """As the service asks for."""
    assert ended(context("alert")).again_after == 30
    assert ended(context("alert", attempt=2)).result == {"rows": 7}


def test_an_extract_stops_when_asked_to() -> None:
    """At the next part."""
    job = context("full_extract", args={"table": "sales"}, stop="cancelled", stop_after=1)

    assert ended(job).outcome == "stopped"


def test_handlers_can_be_called() -> None:
    """Like any function."""
    assert total(context("full_extract", args={"table": "sales"})) == Decimal("12.50")
    assert asyncio.run(rows(context("alert", attempt=2))) == 7
