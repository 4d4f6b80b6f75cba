"""What a handler sees: the job, ways to report and log, and whether it should stop.

    from pgdispatch import Context, Handlers

    handlers = Handlers()

    @handlers.register("full_extract")
    def refresh(context: Context) -> dict[str, int]:
        context.progress(50, "half of the rows")
        return {"rows": 1000}

Start it with `pgdispatch worker --node etl-1 --app my_module`. A handler may be `async def`. What
it prints or logs goes to the job's log. All of this is in HANDLERS.md.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from pgdispatch.errors import InvalidInputError

LOG_KEEP = 1 << 20  # bytes of a log, unless the node says otherwise
LOG_END = 32_768  # bytes of it that go with the end of an attempt
LONGEST_LINE = 32_000  # characters
FULL_PACE = 60.0  # seconds: so long the second half of a log is written at one pace
STAMP = 26  # bytes: the time before a line, and its end


class StoppedError(Exception):
    """Raised by `Context.check_stop`: the handler was asked to stop; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"stopped: {reason}")
        self.reason = reason


@dataclass(frozen=True)
class Job:
    """One attempt at one job, as it was claimed. Its `args` are data from whoever inserted it.

    `traceparent`, in the form of the W3C header, is what the work of this attempt belongs to in a
    trace: the span of the run where the node makes spans, else what the job was inserted with.
    """

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
    traceparent: str | None = None


def storable(text: str) -> str:
    """Return text as PostgreSQL can hold it: without NUL, and with ? for lone surrogates."""
    return text.replace("\x00", "").encode(errors="replace").decode()


class Line(NamedTuple):
    """One line of a log: its number, from 1; when it came, in seconds since 1970; its size."""

    number: int
    at: float
    text: str
    size: int

    def __str__(self) -> str:
        """Return it as it is kept: with its time, in UTC."""
        at = datetime.fromtimestamp(self.at, UTC).replace(tzinfo=None)
        return f"{at.isoformat(timespec='milliseconds')}Z {self.text}"


@dataclass
class JobLog:
    """What one attempt logs, as far as it is kept: the first half of `keep` bytes and the last.

    `take` gives what there is to be written while the job runs, `rest` what is left at the end, and
    `text` the last lines, which go with the end itself. For any thread.

    How much of the last half is written while the job runs gets less the longer it does: as much
    again for each time that it has run `e` times as long.

    `count` is of all lines. Of the `head`, whose bytes were `head_size` in all, those lines are
    kept that wait to be taken; the `tail` has the last ones after it. `taken` is the last line up
    to which everything was taken, `newest` the last one taken at all. `end`: the last lines.
    As of `asked`, `allowed` bytes of the tail may be taken; `began`: when that began to count.

    `coming` are lines that are still to be added: code that runs in the middle of all this, such as
    the end of an object, may log as well. `echo` is called with each line, if it is to be.
    """

    keep: int = LOG_KEEP
    count: int = 0
    head: deque[Line] = field(default_factory=deque)
    head_size: int = 0
    is_head_full: bool = False
    tail: deque[Line] = field(default_factory=deque)
    tail_size: int = 0
    taken: int = 0
    newest: int = 0
    end: deque[Line] = field(default_factory=deque)
    end_size: int = 0
    began: float = field(default_factory=time.monotonic)
    asked: float = 0.0
    allowed: float = 0.0
    coming: deque[tuple[float, str]] = field(default_factory=deque)
    echo: Callable[[str], None] | None = None
    is_busy: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)

    def add(self, text: str) -> None:
        """Append one or more lines; too long ones are cut."""
        at = time.time()
        lines = [line[:LONGEST_LINE] for line in storable(text).splitlines() or [""]]
        with self.lock:
            self.coming.extend((at, line) for line in lines)
            if not self.is_busy:
                self._add_coming()
        if self.echo is not None:
            for line in lines:
                self.echo(line)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self.lock:
            self.is_busy = True
            try:
                yield
            finally:
                self._add_coming()

    def _add_coming(self) -> None:
        self.is_busy = True
        while self.coming:
            self._append(*self.coming.popleft())
        self.is_busy = False

    def text(self) -> str | None:
        """Return the last lines; if there are others, it says first how many. None: no line."""
        with self._alone():
            lines = list(self.end)
        if not lines:
            return None
        before = lines[0].number - 1
        said = [f"[{before} lines before these, see log_lines]"] if before else []
        return "\n".join([*said, *map(str, lines)])

    def take(self, most: int, now: float) -> list[Line]:
        """Return lines to be written, up to `most` bytes: of the first ones those that come next.

        If these were taken: the newest ones. They follow one another. `now`: `time.monotonic()`.
        """
        with self._alone():
            lines = _first_of(self.head, most)
            if lines:
                self.taken = self.newest = lines[-1].number
                self.asked = now
            else:
                lines = self._take_newest(most, now)
            return lines

    def _take_newest(self, most: int, now: float) -> list[Line]:
        half = self.keep // 2
        self.allowed += half * (now - (self.asked or now)) / max(now - self.began, FULL_PACE)
        self.allowed, self.asked = min(self.allowed, half), now
        lines = _newest_of(self.tail, self.newest, min(most, int(self.allowed)))
        if lines:
            self.allowed -= sum(line.size for line in lines)
            self.newest = lines[-1].number
            if lines[0].number == self.taken + 1:
                self.taken = self.newest
        return lines

    def rest(self) -> list[Line]:
        """Return what neither was taken nor is among the last lines."""
        with self._alone():
            first = self.end[0].number if self.end else 0
            return [line for line in (*self.head, *self.tail) if self.taken < line.number < first]

    def _append(self, at: float, text: str) -> None:
        self.count += 1
        size = (len(text) if text.isascii() else len(text.encode())) + STAMP
        line = Line(self.count, at, text, size)
        self.is_head_full = self.is_head_full or self.head_size + size > self.keep // 2
        if self.is_head_full:
            self.tail.append(line)
            self.tail_size += size
            while self.tail_size > self.keep // 2 and len(self.tail) > 1:
                self.tail_size -= self.tail.popleft().size
        else:
            self.head.append(line)
            self.head_size += size
        self.end.append(line)
        self.end_size += size
        while self.end_size > LOG_END and len(self.end) > 1:
            self.end_size -= self.end.popleft().size


def _first_of(lines: deque[Line], most: int) -> list[Line]:
    """Take lines from the left, up to so many bytes but one at least."""
    taken: list[Line] = []
    while lines and (not taken or lines[0].size <= most):
        taken.append(lines.popleft())
        most -= taken[-1].size
    return taken


def _newest_of(lines: deque[Line], after: int, most: int) -> list[Line]:
    """Return the last lines that come after one, up to so many bytes."""
    found: list[Line] = []
    for line in reversed(lines):
        if line.number <= after or line.size > most:
            break
        found.append(line)
        most -= line.size
    return found[::-1]


class Context:
    """What a handler gets. Its methods may be called from any thread.

    Only the backgrounder makes one, and uses what begins with an underscore; for tests there is
    `pgdispatch.testing`.
    """

    def __init__(self, job: Job, *, _report: Callable[[float, str | None], None]) -> None:
        """Make the context of one attempt; `_report` is called with each progress."""
        self.job = job
        self._log = JobLog()
        self._report = _report
        self._stop = threading.Event()
        self._reason: str | None = None
        self._draining = False
        self._asking = threading.Lock()
        self._cancel: Callable[[], None] | None = None

    def progress(self, percent: float, note: str | None = None) -> None:
        """Say how far the job is, 0 to 100, and what it is at. Cheap: call it often.

        At most one report a second reaches the database; it never raises.
        """
        self._report(min(max(float(percent), 0.0), 100.0), note)

    def log(self, message: str) -> None:
        """Add a line to the job's log, with the time.

        Of a long log the first and the last lines are kept, see `pgdispatch worker --log-keep`. If
        the job runs for more than some seconds, they can be read meanwhile: `pgdispatch logs`.
        """
        self._log.add(str(message))

    @property
    def stop_requested(self) -> str | None:
        """Why the job should stop: `cancelled`, `timed out` or `draining`; None if it should not.

        After a grace the process is killed, so look at this in every long loop. A coroutine is
        cancelled when this is set.
        """
        return self._reason

    @property
    def draining(self) -> bool:
        """Whether its node drains, or its process is to end after this job for another reason.

        True at once; asked to stop the job is when the grace of its node is over, or the time that
        the node was given to drain, if there is one. False again if the node is resumed.
        """
        return self._draining

    def check_stop(self) -> None:
        """Raise `StoppedError` if the job should stop; let it pass through your handler."""
        if self._reason is not None:
            raise StoppedError(self._reason)

    def wait(self, seconds: float) -> bool:
        """Wait, but no longer than until the job should stop; return whether it should."""
        return self._stop.wait(seconds)

    def _request_stop(self, reason: str) -> None:
        """Ask the handler to stop; the first reason stays. A coroutine is cancelled, once."""
        with self._asking:
            if self._reason is not None:
                return
            self._reason = reason
            self._stop.set()
            if self._cancel is not None:
                self._cancel()

    def _on_stop(self, cancel: Callable[[], None]) -> None:
        """Call `cancel` when the handler is asked to stop: at once if it was."""
        with self._asking:
            self._cancel = cancel
            if self._reason is not None:
                cancel()

    def _drain(self, is_draining: bool = True) -> None:
        """Let the handler know that its node drains, or its process ends, or neither any more."""
        self._draining = is_draining


Handler = Callable[[Context], object]
"""A function, or a coroutine function; what it returns is kept as the job's result."""
H = TypeVar("H", bound=Handler)


class Handlers:
    """The handlers of an application, by job type."""

    def __init__(self) -> None:
        """Make an empty registry."""
        self._by_type: dict[str, Handler] = {}

    def register(self, job_type: str) -> Callable[[H], H]:
        """Return a decorator that makes a function the handler of `job_type`, and returns it.

        The function takes a `Context`; what it returns is kept as the job's result, in the form
        that HANDLERS.md says. Raises `InvalidInputError` if the type has a handler already, or the
        function is a generator.
        """

        def keep(handler: H) -> H:
            self.add(job_type, handler)
            return handler

        return keep

    def add(self, job_type: str, handler: Handler) -> None:
        """Make `handler` serve `job_type`. Raises `InvalidInputError` as `register` does."""
        if inspect.isgeneratorfunction(handler) or inspect.isasyncgenfunction(handler):
            raise InvalidInputError(
                f"the handler of job type {job_type} is a generator",
                hint="nothing would run it: return a result, and do not yield",
            )
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
