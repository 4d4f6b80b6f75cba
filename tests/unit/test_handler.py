"""What a handler can do with its context, and how handlers are registered."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread

import pytest

from pgdispatch.errors import InvalidInputError
from pgdispatch.handler import (
    LOG_END,
    LONGEST_LINE,
    STAMP,
    Handlers,
    JobLog,
    Line,
    StoppedError,
)
from pgdispatch.testing import context
from support.nodes.processes import wait_until


@contextmanager
def running(thread: Thread) -> Iterator[None]:
    """Run a thread beside what follows."""
    thread.start()
    yield
    thread.join()


@pytest.fixture
def often_switching() -> Iterator[None]:
    """Let threads take turns in the middle of almost everything."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def test_a_job_goes_on_until_it_is_asked_to_stop() -> None:
    """Nothing is raised, and waiting takes its time."""
    subject = context("system")

    subject.check_stop()

    assert subject.stop_requested is None
    assert subject.wait(0) is False


def test_a_job_that_is_asked_to_stop_learns_why() -> None:
    """The first reason stays."""
    subject = context("system")

    subject.request_stop("timed out")
    subject.request_stop("cancelled")

    assert subject.stop_requested == "timed out"
    assert subject.wait(1000) is True
    with pytest.raises(StoppedError, match="timed out") as stopped:
        subject.check_stop()
    assert stopped.value.reason == "timed out"


def test_a_request_to_stop_ends_a_wait() -> None:
    """From another thread, while it lasts."""
    subject = context("system", really_wait=True)

    def stop() -> None:
        wait_until(lambda: bool(subject.waits))
        subject.request_stop("draining")

    with running(Thread(target=stop)):
        assert subject.wait(1000) is True


@pytest.mark.parametrize(("given", "reported"), [(-1, 0.0), (50, 50.0), (1e9, 100.0)])
def test_progress_is_kept_between_0_and_100(given: float, reported: float) -> None:
    """Whatever the handler has calculated."""
    subject = context("system")

    subject.progress(given, "at it")

    assert subject.reports == [(reported, "at it")]


def numbers(lines: list[Line]) -> list[int]:
    """Return the numbers of lines."""
    return [line.number for line in lines]


def fill(log: JobLog, lines: int) -> None:
    """Log lines that take up 100 bytes each."""
    for _ in range(lines):
        log.add("x" * (100 - STAMP))


def test_the_last_lines_of_a_log_go_with_the_end_and_say_how_many_are_before() -> None:
    """At most 32 KiB of them, each with its time in UTC."""
    log = JobLog()

    for number in range(10_000):
        log.add(f"line {number}")

    first, *lines = (log.text() or "").splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z line 9999", lines[-1])
    assert first == f"[{10_000 - len(lines)} lines before these, see log_lines]"
    assert LOG_END - 100 < len("\n".join(lines)) < LOG_END


def test_a_log_is_taken_in_order_and_what_is_left_at_the_end_is_told_once() -> None:
    """No line twice, none missing: what was taken, the rest, and what goes with the end."""
    log = JobLog(keep=1 << 20)
    fill(log, 4_000)

    taken = [*log.take(10_000, 1.0), *log.take(10_000, 2.0)]
    rest = log.rest()

    assert numbers([*taken, *rest, *log.end]) == list(range(1, 4_001))
    assert len(taken) == 200


def test_of_a_log_that_is_too_long_the_first_and_the_last_half_are_kept() -> None:
    """What is between them is left out."""
    log = JobLog(keep=100_000)
    fill(log, 5_000)

    kept = numbers([*log.rest(), *log.end])

    assert kept == [*range(1, 501), *range(4_501, 5_001)]


def test_beyond_its_first_half_a_log_is_written_ever_more_slowly_the_newest_first() -> None:
    """As much again each time it has run e times as long; a line too many waits."""
    log = JobLog(keep=200_000)
    log.began = 0.0
    fill(log, 1_000)
    log.take(1 << 20, 100.0)
    fill(log, 900)

    at_100_s = log.take(1 << 20, 101.0)
    fill(log, 1)
    at_1000_s = log.take(1 << 20, 1_000.0)
    log.take(1 << 20, 10_000.0)
    at_10_000_s = []
    for second in range(8):
        fill(log, 9)
        at_10_000_s.append(log.take(1 << 20, 10_001.0 + second))

    assert numbers(at_100_s) == list(range(1_892, 1_901))  # 990 bytes
    assert numbers(at_1000_s) == [1_901]
    assert [len(one) for one in at_10_000_s][:3] == [9, 9, 9]  # of what was saved up
    assert numbers(log.rest())[0] == 1_001  # nothing of it was taken in full


def test_a_line_that_is_too_long_is_cut() -> None:
    """Its beginning is kept."""
    log = JobLog()

    log.add("x" * (LONGEST_LINE + 5))

    assert [line.text for line in log.end] == ["x" * LONGEST_LINE]


@pytest.mark.usefixtures("often_switching")
def test_a_log_may_be_written_and_read_by_many_threads() -> None:
    """As by the reader of a program's output while the job is asked for it; no line is lost."""
    log = JobLog(keep=64 << 20)
    taken: list[Line] = []

    def write(name: str) -> None:
        for number in range(20_000):
            log.add(f"{name} {number}")

    def read() -> None:
        for second in range(3_000):
            taken.extend(log.take(10_000, float(second)))

    with ThreadPoolExecutor() as pool:
        writers = [pool.submit(write, name) for name in "abc"]
        reader = pool.submit(read)

    assert [one.exception() for one in [*writers, reader]] == [None] * 4
    assert log.end_size == sum(line.size for line in log.end)
    assert numbers([*taken, *log.rest(), *log.end]) == list(range(1, 60_001))


@pytest.mark.parametrize(
    ("added", "kept"),
    [
        ("a\nb", ["a", "b"]),
        ("nul\0byte", ["nulbyte"]),
        ("caf\udce9", ["caf?"]),
        ("€", ["€"]),
        ("", [""]),
    ],
)
def test_a_log_keeps_only_what_postgresql_can_store(added: str, kept: list[str]) -> None:
    """Lines stay lines; what is no text is left out or shown as a question mark."""
    log = JobLog()

    log.add(added)

    assert [line.text for line in log.end] == kept


def test_an_unused_log_is_none() -> None:
    """Nothing is kept of it."""
    assert JobLog().text() is None


def test_handlers_are_found_by_job_type() -> None:
    """The decorator gives the function back."""
    handlers = Handlers()

    @handlers.register("flow")
    def run(_: object) -> None:
        """Do nothing."""

    handlers.add("alert", run)

    assert handlers.get("flow") is run
    assert handlers.get("system") is None
    assert handlers.types() == ["alert", "flow"]


def test_two_handlers_for_one_type_are_refused() -> None:
    """It would be open which one runs."""
    handlers = Handlers()
    handlers.add("flow", lambda _: None)

    with pytest.raises(InvalidInputError, match="flow has two handlers"):
        handlers.add("flow", lambda _: None)
