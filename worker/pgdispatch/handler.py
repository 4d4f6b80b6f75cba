"""What a handler sees: the job, ways to report and log, and whether it should stop.

    from pgdispatch import Context, Handlers

    handlers = Handlers()

    @handlers.register("full_extract")
    def refresh(context: Context) -> dict[str, int]:
        context.progress(50, "half of the rows")
        return {"rows": 1000}

Start it with `pgdispatch worker --node etl-1 --app my_module`. A handler may be `async def`. A
process that it forks ends when it comes back out of the handler, and what that reports or logs is
not the job's.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pgdispatch.errors import InvalidInputError

LOG_TAIL_CHARACTERS = 32_768
Result = Mapping[str, Any] | None


class StoppedError(Exception):
    """Raised by `Context.check_stop`: the handler was asked to stop; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"stopped: {reason}")
        self.reason = reason


@dataclass(frozen=True)
class Job:
    """One attempt at one job, as it was claimed. Its `args` are data from whoever inserted it."""

    id: int
    attempt: int
    type: str
    site: str
    title: str | None
    datasource: str | None
    schedule: str | None
    task: int | None
    priority: int
    args: Mapping[str, Any]
    created_by: str
    scheduled_at: datetime | None
    backgrounder: str


def storable(text: str) -> str:
    """Return text as PostgreSQL can hold it: without NUL, and with ? for lone surrogates."""
    return text.replace("\x00", "").encode(errors="replace").decode()


@dataclass
class LogTail:
    """Keep the last lines of a job's log, at most `LOG_TAIL_CHARACTERS`. For any thread."""

    lines: deque[str] = field(default_factory=deque)
    characters: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, text: str) -> None:
        """Append one or more lines; the oldest give way."""
        added = [line[:LOG_TAIL_CHARACTERS] for line in storable(text).splitlines() or [""]]
        with self.lock:
            self.lines.extend(added)
            self.characters += sum(len(line) + 1 for line in added)
            while self.characters > LOG_TAIL_CHARACTERS and len(self.lines) > 1:
                self.characters -= len(self.lines.popleft()) + 1

    def text(self) -> str | None:
        """Return all lines kept, or None if nothing was logged."""
        with self.lock:
            return "\n".join(self.lines) or None


class Context:
    """What a handler gets. Its methods may be called from any thread.

    Only the backgrounder makes one, and uses what begins with an underscore; for tests there is
    `pgdispatch.testing`.
    """

    def __init__(self, job: Job, *, _report: Callable[[float, str | None], None]) -> None:
        """Make the context of one attempt; `_report` is called with each progress."""
        self.job = job
        self._log_tail = LogTail()
        self._report = _report
        self._stop = threading.Event()
        self._reason: str | None = None

    def progress(self, percent: float, note: str | None = None) -> None:
        """Say how far the job is, 0 to 100, and what it is at. Cheap: call it often.

        At most one report a second reaches the database; it never raises.
        """
        self._report(min(max(float(percent), 0.0), 100.0), note)

    def log(self, message: str) -> None:
        """Add a line to the job's log, whose last 32 KiB are kept in the history."""
        self._log_tail.add(str(message))

    @property
    def stop_requested(self) -> str | None:
        """Why the job should stop: `cancelled`, `timed out` or `draining`; None if it should not.

        After a grace the process is killed, so look at this in every long loop.
        """
        return self._reason

    def check_stop(self) -> None:
        """Raise `StoppedError` if the job should stop; let it pass through your handler."""
        if self._reason is not None:
            raise StoppedError(self._reason)

    def wait(self, seconds: float) -> bool:
        """Wait, but no longer than until the job should stop; return whether it should."""
        return self._stop.wait(seconds)

    def _request_stop(self, reason: str) -> None:
        """Ask the handler to stop; the first reason stays."""
        if self._reason is None:
            self._reason = reason
        self._stop.set()


Handler = Callable[[Context], "Result | Awaitable[Result]"]


class Handlers:
    """The handlers of an application, by job type."""

    def __init__(self) -> None:
        """Make an empty registry."""
        self._by_type: dict[str, Handler] = {}

    def register(self, job_type: str) -> Callable[[Handler], Handler]:
        """Return a decorator that makes a function the handler of `job_type`.

        The function takes a `Context` and returns None or a mapping that JSON can hold, which is
        kept as the job's result. Raises `InvalidInputError` if the type has a handler already.
        """

        def keep(handler: Handler) -> Handler:
            self.add(job_type, handler)
            return handler

        return keep

    def add(self, job_type: str, handler: Handler) -> None:
        """Make `handler` serve `job_type`; raises `InvalidInputError` if another does."""
        if job_type in self._by_type:
            raise InvalidInputError(
                f"job type {job_type} has two handlers", hint="register each type once"
            )
        self._by_type[job_type] = handler

    def get(self, job_type: str) -> Handler | None:
        """Return the handler of `job_type`, or None."""
        return self._by_type.get(job_type)

    def types(self) -> list[str]:
        """Return the job types that have a handler, sorted."""
        return sorted(self._by_type)
