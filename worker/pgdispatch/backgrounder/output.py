"""What a handler prints and logs, from whichever of its threads, is its job's log.

Standard output and error of Python and `logging` are led there while a job runs; what is said
without a job, such as while the application is imported, goes where it always does: to the log of
the node. So does what a fork says, and what C libraries and programs write by themselves.
"""

from __future__ import annotations

import codecs
import io
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import get_ident
from typing import Any, TextIO

from pgdispatch.handler import LONGEST_LINE, Context
from pgdispatch.host.log_lines import log_thread

OURS = "pgdispatch"  # what the node's own log has, whoever runs here
FORMAT = "%(levelname)s %(name)s: %(message)s"


@dataclass
class JobOutput:
    """Where what is said in this process goes: to the log of the job in hand, if there is one.

    `level`: from which on the node's log has what is said by others than the node.
    """

    context: Context | None = None
    owner: int = field(default_factory=os.getpid)
    streams: list[JobStream] = field(default_factory=list)
    level: int = logging.INFO

    def job(self) -> Context | None:
        """Return whose log what is said now goes to; None in a fork, which has no job."""
        context = self.context
        return context if context is not None and os.getpid() == self.owner else None

    def end_lines(self) -> None:
        """Log what was printed without the end of its line."""
        for stream in self.streams:
            stream.end_lines()

    def install(self) -> None:
        """Lead this process's streams and its logging here; for good."""
        sys.stdout, sys.stderr = JobStream(self, sys.stdout), JobStream(self, sys.stderr)
        root = logging.getLogger()
        self.level = root.level
        for handler in root.handlers:
            handler.addFilter(self._is_for_node)
        root.setLevel(min(root.level, logging.INFO))
        root.addHandler(JobHandler(self))
        threading.excepthook = tell_of_thread

    def ensure(self) -> None:
        """Lead logging here again, if an application has configured it for itself meanwhile.

        Whose handlers write to the streams is led here already.
        """
        root = logging.getLogger()
        logging.getLogger(OURS).disabled = False
        ways = [getattr(handler, "stream", None) for handler in root.handlers]
        if not any(way in self.streams for way in ways) and not any(
            isinstance(handler, JobHandler) for handler in root.handlers
        ):
            root.addHandler(JobHandler(self))

    def _is_for_node(self, record: logging.LogRecord) -> bool:
        return record.name == OURS or (record.levelno >= self.level and self.job() is None)


class JobHandler(logging.Handler):
    """Adds records to the log of the job in hand."""

    def __init__(self, output: JobOutput) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter(FORMAT))
        self._output = output

    def handle(self, record: logging.LogRecord) -> bool:
        """Log a record, without the lock of a handler: the log has its own."""
        context = self._output.job()
        if context is None or record.name == OURS or not self.filter(record):
            return False
        try:
            text = self.format(record)
        except Exception as error:  # its arguments are the handler's own
            text = f"{record.levelname} {record.name}: {type(error).__name__} in a message"
        context._log.add(text)
        return True


class JobStream(io.TextIOBase):
    """Standard output or error as handlers see it. Nobody can close it for the next job."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, output: JobOutput, real: TextIO, *, is_tee: bool = False) -> None:
        self.real = real
        self.buffer = JobBytes(self)
        self._output = output
        self._is_tee = is_tee
        self._begun: dict[int, str] = {}  # by thread: a line that has not ended
        output.streams.append(self)

    def write(self, text: str) -> int:
        """Log the lines that are complete; a carriage return begins one anew, as on a terminal."""
        context = self._output.job()
        if context is None or self._is_tee:
            self.real.write(text.encode(errors=self.errors).decode())
        if context is not None:
            *lines, rest = (self._begun.pop(get_ident(), "") + text).split("\n")
            for line in lines:
                context._log.add(line.removesuffix("\r").rpartition("\r")[2])
            begun = rest[rest.rfind("\r", 0, -1) + 1 :]
            if begun:
                self._begun[get_ident()] = begun[:LONGEST_LINE]
        return len(text)

    def end_lines(self) -> None:
        """Log what has not ended."""
        context = self._output.job()
        while self._begun:
            _, rest = self._begun.popitem()
            if context is not None:
                context._log.add(rest)

    def fileno(self) -> int:
        """Return the descriptor, for programs that are started: what they write is the node's."""
        return self.real.fileno()

    def flush(self) -> None:
        """Flush what is beneath."""
        self.real.flush()

    def writable(self) -> bool:
        """Say so."""
        return True

    def close(self) -> None:
        """Do nothing."""

    def reconfigure(self, **_: Any) -> None:
        """Do nothing: lines are logged as they come."""


class JobBytes(io.RawIOBase):
    """The same for bytes, which may be no UTF-8."""

    def __init__(self, stream: JobStream) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def write(self, data: Any) -> int:
        """Log them as text."""
        self._stream.write(self._decoder.decode(bytes(data)))
        return len(data)

    def flush(self) -> None:
        """Flush what is beneath."""
        self._stream.flush()

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """Say so."""
        return True

    def close(self) -> None:
        """Do nothing."""


def _handlers() -> int:
    """Return how many handlers there are, anywhere: a look at each logger would take longer."""
    return len(getattr(logging, "_handlerList", ()))


def _loggers() -> list[logging.Logger]:
    known = list(logging.root.manager.loggerDict.values())
    return [logging.root, *(each for each in known if isinstance(each, logging.Logger))]


def _settings(logger: logging.Logger) -> tuple[Any, ...]:
    return list(logger.handlers), logger.level, logger.propagate, logger.disabled


@dataclass
class OutputState:
    """Streams and logging as they were when it was made, to be put back after each job.

    Who configures logging in a handler does so for that job; for all, while the module is imported.
    """

    streams: tuple[TextIO, TextIO] = field(default_factory=lambda: (sys.stdout, sys.stderr))
    hook: Any = field(default_factory=lambda: threading.excepthook)
    disabled: int = field(default_factory=lambda: logging.root.manager.disable)
    handlers: int = field(default_factory=_handlers)
    loggers: dict[logging.Logger, tuple[Any, ...]] = field(
        default_factory=lambda: {logger: _settings(logger) for logger in _loggers()}
    )

    def put_back(self) -> None:
        """Put back whatever is different now."""
        if (sys.stdout, sys.stderr) != self.streams:
            sys.stdout, sys.stderr = self.streams
        threading.excepthook = self.hook
        logging.root.manager.disable = self.disabled
        if _handlers() != self.handlers or _settings(logging.root) != self.loggers[logging.root]:
            for logger in _loggers():
                self._put_logger_back(logger)
            self.handlers = _handlers()

    def _put_logger_back(self, logger: logging.Logger) -> None:
        before = self.loggers.get(logger, ([], logger.level, True, False))
        if _settings(logger) != before:
            logger.handlers[:], _, logger.propagate, logger.disabled = before
            logger.setLevel(before[1])


def tell_of_thread(ended: threading.ExceptHookArgs) -> None:
    """Log that a thread has ended with an exception: to the log of the job, if there is one."""
    log_thread(ended, logging.getLogger("threading"))


@contextmanager
def recording(context: Context) -> Iterator[None]:
    """Lead what is said meanwhile to the log of `context` as well, as a test wants it."""
    output = JobOutput(context)
    root, before = logging.getLogger(), OutputState()
    sys.stdout = JobStream(output, sys.stdout, is_tee=True)
    sys.stderr = JobStream(output, sys.stderr, is_tee=True)
    root.addHandler(JobHandler(output))
    if root.level > logging.INFO:
        root.setLevel(logging.INFO)
    try:
        yield
    finally:
        output.end_lines()
        before.put_back()
