"""A context for handlers without a worker: keeps what they report, and stops them when told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pgdispatch.handler import Context, Job

JOB = Job(
    id=12,
    attempt=1,
    type="full_extract",
    site="default",
    title=None,
    datasource=None,
    schedule=None,
    task=None,
    priority=50,
    args={},
    created_by="tests",
    scheduled_at=None,
    backgrounder="test:1",
)


class RecordingContext(Context):
    """Keep all reports of progress; after `stop_after` of them the job is cancelled."""

    def __init__(self, job: Job, *, stop_after: int | None = None) -> None:
        """Make the context of one attempt."""
        super().__init__(job, report=self._keep)
        self.reports: list[tuple[float, str | None]] = []
        self._stop_after = stop_after

    def _keep(self, percent: float, note: str | None) -> None:
        self.reports.append((percent, note))
        if len(self.reports) == self._stop_after:
            self.request_stop("cancelled")


def context(
    job_type: str, datasource: str | None = None, *, stop_after: int | None = None, **changes: Any
) -> RecordingContext:
    """Return a context for a job of `job_type`; `changes` are fields of the job."""
    job = replace(JOB, type=job_type, datasource=datasource, **changes)
    return RecordingContext(job, stop_after=stop_after)
