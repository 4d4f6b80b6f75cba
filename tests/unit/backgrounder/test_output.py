"""What a handler prints and logs is its job's log, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from pgdispatch import Context, Handlers
from pgdispatch.backgrounder.output import (
    JobHandler,
    JobOutput,
    JobStream,
    OutputState,
    tell_of_thread,
)
from pgdispatch.handler import JobLog
from pgdispatch.testing import context, run

logger = logging.getLogger("somebody")


def lines(work: Callable[[Context], object]) -> list[str]:
    """Return what the log of a job has whose handler does some work."""
    handlers, subject = Handlers(), context("system")
    handlers.add("system", work)
    run(subject, handlers)
    return subject.lines


@pytest.fixture
def before() -> Iterator[OutputState]:
    """Give streams and logging as they are, and put them back."""
    state = OutputState()
    yield state
    state.put_back()


def test_lines_that_are_printed_are_lines_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """Those without an end, of bytes that are no UTF-8, and what is left of a progress bar."""

    def work(_: Context) -> None:
        print("one", "two", sep="\n")
        sys.stdout.buffer.write(b"caf\xe9\n")
        print("\r 10 %\r100 %\r", file=sys.stderr)
        print("caf\udce9", "x" * 40_000)
        print("no end", end="")

    assert lines(work) == ["one", "two", r"caf\xe9", "100 %", "caf? " + "x" * 31_995, "no end"]
    assert capsys.readouterr().out.startswith("one\ntwo\n")


def test_each_thread_has_lines_of_its_own() -> None:
    """Though each line is written in pieces."""
    turn = threading.Barrier(2)

    def piecewise(word: str) -> None:
        for piece in (word, word, "\n"):
            turn.wait(10)
            sys.stdout.write(piece)

    def work(_: Context) -> None:
        threads = [threading.Thread(target=piecewise, args=(word,)) for word in ("a", "b")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(lines(work)) == ["aa", "bb"]


def test_records_from_info_on_are_in_the_log() -> None:
    """With their level and logger; that of a thread's exception, too."""

    def work(_: Context) -> None:
        logger.debug("detail")
        logger.info("rows: %s", 3)
        tell_of_thread(threading.ExceptHookArgs((KeyError, KeyError("x"), None, None)))

    assert lines(work) == [
        "INFO somebody: rows: 3",
        "ERROR threading: a thread ended with an exception",
        "KeyError: 'x'",
    ]


def test_a_record_whose_text_cannot_be_made_is_told_as_such() -> None:
    """Its arguments are the handler's own."""
    subject = context("system")
    handler = JobHandler(JobOutput(subject))

    class Wordless:
        def __str__(self) -> str:
            raise RuntimeError

    for msg, args in (("%s", (Wordless(),)), ("%d", ("x",))):
        record = {"name": "somebody", "levelname": "ERROR", "msg": msg, "args": args}
        assert handler.handle(logging.makeLogRecord(record))

    assert subject.lines == [
        "ERROR somebody: RuntimeError in a message",
        "ERROR somebody: TypeError in a message",
    ]


@pytest.mark.usefixtures("before")
def test_what_a_handler_does_to_streams_and_logging_ends_with_its_job() -> None:
    """Closed, replaced, configured, disabled: the next finds all as it was."""
    output = JobOutput(context("system"))
    output.install()
    state = OutputState()
    stdout, handlers = sys.stdout, list(logging.root.handlers)

    sys.stdout.close()
    print("still there")
    sys.stdout = io.StringIO()
    logging.basicConfig(force=True, level="DEBUG")
    logger.addHandler(logging.StreamHandler())
    logger.disabled = True
    logging.disable(logging.CRITICAL)
    state.put_back()
    logger.info("again")

    assert (sys.stdout, logging.root.handlers, logger.handlers) == (stdout, handlers, [])
    assert output.context is not None
    assert [line.text for line in output.context._log.end] == [
        "still there", "INFO somebody: again",
    ]  # fmt: skip


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize("has_own", [True, False])
def test_logging_that_an_application_configures_reaches_the_log_once(has_own: bool) -> None:
    """In its own form if it writes to a stream, else in ours."""
    output = JobOutput(context("system"))
    output.install()

    logging.root.handlers[:] = [logging.StreamHandler()] if has_own else []
    output.ensure()
    logging.getLogger("somebody").warning("careful")

    assert output.context is not None
    (line,) = output.context._log.end
    assert line.text == ("careful" if has_own else "WARNING somebody: careful")


@pytest.mark.usefixtures("before")
def test_without_a_job_and_in_a_fork_it_goes_where_it_always_did() -> None:
    """And what the node's own processes log never is in the log of a job."""
    real = io.StringIO()
    subject = context("system")
    output = JobOutput(None)
    stream = JobStream(output, real)
    handler = JobHandler(output)
    record = logging.makeLogRecord({"name": "pgdispatch", "msg": "x", "levelno": logging.INFO})

    print("idle", file=stream)
    output.context = subject
    ours = handler.handle(record)
    output.owner = os.getpid() + 1  # as a fork has it
    print("fork", file=stream)

    assert (real.getvalue(), subject.lines, ours) == ("idle\nfork\n", [], False)


def test_a_log_takes_what_is_logged_in_the_middle_of_it() -> None:
    """As the end of an object may, by the collector, in the same thread."""
    log = JobLog()
    log.add("first")

    with log._alone():
        log.add("second")
        log.add("third")

    assert [(line.number, line.text) for line in log.end] == [
        (1, "first"), (2, "second"), (3, "third"),
    ]  # fmt: skip


def test_a_coroutine_is_cancelled_once_and_may_clean_up() -> None:
    """Its `finally` runs to its end, whatever it waits for there."""
    seen: list[str] = []

    async def work(subject: Context) -> None:
        try:
            subject._request_stop("draining")
            await asyncio.Event().wait()
        finally:
            subject._request_stop("cancelled")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            seen.append(str(subject.stop_requested))

    handlers = Handlers()
    handlers.add("system", work)
    ending = run(context("system"), handlers)

    assert (ending.outcome, ending.error) == ("stopped", "StoppedError: stopped: draining")
    assert seen == ["draining"]


def test_a_coroutine_that_swallows_its_cancellation_goes_on() -> None:
    """One that cancels itself has failed, and keeps its process."""

    async def deaf(_: Context) -> int:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        return 1

    async def cancels(_: Context) -> None:
        raise asyncio.CancelledError

    handlers = Handlers()
    handlers.add("system", deaf)
    handlers.add("alert", cancels)

    assert run(context("system", stop="cancelled"), handlers).result == {"value": 1}
    ending = run(context("alert"), handlers)
    assert (ending.outcome, ending.error, ending.exits) == ("failed", "CancelledError", False)
