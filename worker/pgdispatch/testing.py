"""Test handlers without a database, a worker, or any test framework.

    from my_jobs import handlers
    from pgdispatch.testing import context, run

    job = context("full_extract", args={"table": "orders"}, stop_after=3)
    ending = run(job, handlers)
    assert ending.outcome == "stopped"
    assert job.reports[-1] == (20, "part 2")

`context` makes what a handler gets, and keeps what the handler does with it. A handler may be
called with it like any function; `run` calls the one that is registered for the job's type, as a
backgrounder does, and says how the attempt ended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any

from pgdispatch.backgrounder import runner
from pgdispatch.backgrounder.output import recording
from pgdispatch.backgrounder.runner import Ending
from pgdispatch.database.json_text import write_json
from pgdispatch.handler import Context, Handlers, Job

__all__ = ["Ending", "RecordingContext", "context", "run"]


class RecordingContext(Context):
    """A context that keeps what its handler does with it. `context` makes one.

    `reports`: each progress, as percent and note. `waits`: each wait, in seconds.
    """

    reports: list[tuple[float, str | None]]
    waits: list[float]

    def __init__(
        self, job: Job, *, stop: str | None, stop_after: int | None, really_wait: bool
    ) -> None:
        """Make the context of one attempt; the arguments are those of `context`."""
        self.reports = []
        self.waits = []
        super().__init__(job, _report=lambda percent, note: self.reports.append((percent, note)))
        self._looks = count()
        self._stop_with = stop or "cancelled"
        self._stop_after = 0 if stop and stop_after is None else stop_after
        self._really_wait = really_wait
        if self._stop_after == 0:  # a coroutine does not look
            self._request_stop(self._stop_with)

    @property
    def lines(self) -> list[str]:
        """The lines of the job's log, without their times: the last ones of a long log."""
        return [line.text for line in self._log.end]

    def request_stop(self, reason: str = "cancelled") -> None:
        """Ask the handler to stop, as the supervisor would; the first reason stays.

        A coroutine is cancelled at its next `await`.
        """
        self._request_stop(reason)

    def drain(self) -> None:
        """Let the handler know that its node drains: `draining` is true from now on."""
        self._drain()

    @property
    def stop_requested(self) -> str | None:
        """Why the job should stop; None if it should not. Each look counts."""
        self._count_look()
        return super().stop_requested

    def check_stop(self) -> None:
        """Raise `StoppedError` if the job should stop. Each look counts."""
        self._count_look()
        super().check_stop()

    def wait(self, seconds: float) -> bool:
        """Note the wait and return at once whether the job should stop. Each look counts."""
        self.waits.append(seconds)
        self._count_look()
        return super().wait(seconds if self._really_wait else 0)

    def _count_look(self) -> None:
        if self._stop_after is not None and next(self._looks) >= self._stop_after:
            self._request_stop(self._stop_with)


def run(context: Context, handlers: Handlers) -> Ending:
    """Run the handler of the job's type as a backgrounder does, and say how the attempt ended.

    What it prints and logs is in the job's log, and goes where it always does, too.
    """
    with recording(context):
        return runner.run(context, handlers)


def context(
    job_type: str,
    *,
    args: Mapping[str, Any] | None = None,
    title: str | None = None,
    datasource: str | None = None,
    schedule: str | None = None,
    task: int | None = None,
    site: str = "default",
    priority: int = 50,
    id: int = 1,  # noqa: A002  # the column's name
    attempt: int = 1,
    created_by: str = "tests",
    scheduled_at: datetime | None = None,
    backgrounder: str = "tests:1",
    traceparent: str | None = None,
    stop: str | None = None,
    stop_after: int | None = None,
    really_wait: bool = False,
) -> RecordingContext:
    """Return a context for a job of `job_type`, with the job's other columns as given.

    `args` are what JSON makes of them, as they would come out of the database; raises TypeError or
    ValueError if it could not hold them.

    The job should stop as soon as the handler has looked `stop_after` times whether it should, by
    `check_stop`, `wait` or `stop_requested`, from any thread; the reason is `stop` (`cancelled`,
    `timed out` or `draining`). Either may be left out: then it is cancelled, or should stop from
    the start. Without both, nothing stops it but `request_stop`.

    A coroutine that should stop is cancelled at its next `await`.

    Its `wait` returns at once, unless it should `really_wait`.
    """
    job = Job(
        id=id,
        attempt=attempt,
        type=job_type,
        site=site,
        title=title,
        datasource=datasource,
        schedule=schedule,
        task=task,
        priority=priority,
        args=json.loads(write_json(dict(args or {}))),
        created_by=created_by,
        scheduled_at=scheduled_at,
        backgrounder=backgrounder,
        traceparent=traceparent,
    )
    return RecordingContext(job, stop=stop, stop_after=stop_after, really_wait=really_wait)
