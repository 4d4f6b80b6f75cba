"""A job as the supervisor hands it on: read here, in the process that it is for."""

from __future__ import annotations

from datetime import UTC, datetime

from pgdispatch.database.json_text import read_json
from pgdispatch.handler import Job
from pgdispatch.ipc.channel import Message


def read_job(message: Message, args: bytes, backgrounder: str) -> Job:
    """Return the job of a message `run`, whose value is its `args` as JSON."""
    at = message["scheduled_at"]
    job = object.__new__(Job)  # a frozen one is filled field by field, at four times the cost
    vars(job).update(
        id=message["job"],
        attempt=message["attempt"],
        type=message["type"],
        site=message["site"],
        title=message["title"],
        datasource=message["datasource"],
        schedule=message["schedule"],
        task=message["task"],
        priority=message["priority"],
        args=read_json(args),
        created_by=message["created_by"],
        scheduled_at=None if at is None else read_instant(at),
        backgrounder=backgrounder,
        traceparent=message.get("traceparent"),  # none from a supervisor of a former version
    )
    return job


def read_instant(text: str) -> datetime:
    """Return an instant in PostgreSQL's words (ISO, UTC).

    Those that Python's calendar does not have are its first or its last.
    """
    if text == "-infinity" or text.endswith(" BC"):
        return datetime.min.replace(tzinfo=UTC)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
