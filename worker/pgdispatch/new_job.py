"""A job that an application inserts: its columns, and what a driver sends to insert it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, LiteralString, TypeAlias, TypedDict

from pgdispatch.database.json_text import write_json
from pgdispatch.database.statements import COPY_JOBS, INSERT_JOB

KeyUntil: TypeAlias = Literal["started", "ended", "forgotten"]
OnConflict: TypeAlias = Literal["refuse", "nothing", "replace"]

MICROSECOND = timedelta(microseconds=1)
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
CASTS = {"args": "::text::jsonb"}  # whatever the application has told its driver about JSON


class NewJob(TypedDict, total=False):
    """The columns of a job that an application may set: what `enqueue` and `copy` take.

    Only a type (or a task) is needed; what is left out or None, the database fills in.

    Give `not_before` a time zone: without one each driver takes it for another time.

    `traceparent` is the trace that the job belongs to, in the form of the W3C header of that name;
    if it is not given, that of the current span of OpenTelemetry, if there is one. One that is
    wrong, or empty, counts as none.

    While a job waits with the `key`, its site gets no second one with it; `key_until` may say
    `ended`: nor while it runs, or `forgotten`: nor while the history has it. A second insert is
    refused, with JD011, or does as `on_conflict` says. `nothing`: it is left out. `replace`: the
    job that waits gets its arguments and priority. The job that has the key is in `own_job`.
    """

    type: str | None
    site: str | None
    title: str | None
    datasource: str | None
    schedule: str | None
    task: int | None
    priority: int | None
    args: Mapping[str, Any] | None
    not_before: datetime | None
    timeout: timedelta | None
    max_attempts: int | None
    created_by: str | None
    traceparent: str | None
    key: str | None
    key_until: KeyUntil | None
    on_conflict: OnConflict | None


COLUMNS = tuple(NewJob.__annotations__)
COPY: LiteralString = COPY_JOBS.format(columns=", ".join(COLUMNS))


def one_job(type: str | None, columns: NewJob) -> dict[str, Any]:  # noqa: A002  # the column's name
    """Return the values of the job that `enqueue` was called for. Raises TypeError as it does."""
    if type is None:
        return values_of(columns)
    if "type" in columns:
        raise TypeError("the type is given twice")
    return values_of({**columns, "type": type})


def values_of(job: NewJob) -> dict[str, Any]:
    """Return what is given of a job, by column. Raises TypeError for a column that is none."""
    trace = current_trace() if job.get("traceparent") is None else None
    given: dict[str, Any] = {**job, "traceparent": trace} if trace else {**job}
    if wrong := given.keys() - COLUMNS:
        raise TypeError(
            f"a new job has no {min(map(str, wrong))!r}; it may have: {', '.join(COLUMNS)}"
        )
    found = {name: given[name] for name in COLUMNS if given.get(name) is not None}
    return {**found, "args": dict(found["args"])} if "args" in found else found


def insert_statement(values: Mapping[str, Any], marks: Iterable[str]) -> LiteralString:
    """Return the statement that inserts a job and returns its id; `marks` stand for its values."""
    cast = [mark + CASTS.get(name, "") for name, mark in zip(values, marks, strict=True)]
    return INSERT_JOB.format(
        columns=", ".join(values) or "type", values=", ".join(cast) or "default"
    )


def parameters_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as every driver sends them. Raises ValueError for args that JSON cannot hold.

    Raises TypeError for those that Python cannot write as JSON.
    """
    return {name: write_json(value) if name == "args" else value for name, value in values.items()}


def copy_line(job: NewJob) -> str:
    """Return a job as a line for `COPY`, in PostgreSQL's text format."""
    values = values_of(job)
    return "\t".join(_text(values.get(name)) for name in COLUMNS) + "\n"


def copy_lines(jobs: Iterable[NewJob]) -> Iterator[str]:
    """Yield the lines of jobs."""
    return map(copy_line, jobs)


async def copy_lines_as_they_come(
    jobs: Iterable[NewJob] | AsyncIterable[NewJob],
) -> AsyncIterator[str]:
    """Yield the lines of jobs that may have to be waited for."""
    if isinstance(jobs, AsyncIterable):
        async for job in jobs:
            yield copy_line(job)
    else:
        for line in copy_lines(jobs):
            yield line


def _text(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, timedelta):
        return f"{value // MICROSECOND} microseconds"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        value = write_json(value)
    return str(value).translate(ESCAPES)


def current_trace() -> str | None:
    """Return the traceparent of the current span. Who has not imported OpenTelemetry has none."""
    if "opentelemetry.trace" not in sys.modules:
        return None
    carrier: dict[str, str] = {}
    _propagator().inject(carrier)
    return carrier.get("traceparent")


@cache
def _propagator() -> Any:
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415  # it is there
        TraceContextTextMapPropagator,
    )

    return TraceContextTextMapPropagator()
