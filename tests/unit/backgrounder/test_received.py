"""A job as it reaches the process that is to run it."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from pgdispatch.backgrounder.received import read_instant, read_job
from pgdispatch.handler import Job

MESSAGE: dict[str, Any] = {
    "is": "run",
    "job": 2**40,
    "attempt": 3,
    "type": "flow",
    "site": "Köln",
    "title": None,
    "datasource": "d",
    "schedule": "Daily",
    "task": 5,
    "priority": 50,
    "created_by": "somebody",
    "scheduled_at": "2031-04-05 06:07:08.25+00",
    "bytes": 2,
}


def test_each_field_of_a_job_is_there() -> None:
    """As if it had been made in the usual way."""
    job = read_job(MESSAGE, '{"to": "日本"}'.encode(), "n:1")

    made = Job(**{one.name: getattr(job, one.name) for one in fields(Job)})
    assert job == made
    assert (job.id, job.attempt, job.site, job.backgrounder) == (2**40, 3, "Köln", "n:1")
    assert job.scheduled_at == datetime(2031, 4, 5, 6, 7, 8, 250_000, tzinfo=UTC)
    assert job.args == {"to": "日本"}


def test_a_job_without_a_time_has_none() -> None:
    """And arguments that Python cannot read stay a text, which the runner refuses."""
    job = read_job({**MESSAGE, "scheduled_at": None}, b"[" * 100_000, "n:1")

    assert job.scheduled_at is None
    assert isinstance(job.args, str)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("-infinity", datetime.min.replace(tzinfo=UTC)),
        ("0044-03-15 00:00:00+00 BC", datetime.min.replace(tzinfo=UTC)),
        ("infinity", datetime.max.replace(tzinfo=UTC)),
        ("20000-01-01 00:00:00+00", datetime.max.replace(tzinfo=UTC)),
        ("0001-01-01 00:00:00+00", datetime.min.replace(tzinfo=UTC)),
        ("9999-12-31 23:59:59.999999+00", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_times_that_python_does_not_know_are_its_first_or_its_last(
    text: str, instant: datetime
) -> None:
    """A job of such a time runs like any other."""
    assert read_instant(text) == instant
