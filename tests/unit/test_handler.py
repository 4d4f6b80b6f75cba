"""What a handler can do with its context, and how handlers are registered."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread

import pytest

from pgdispatch.errors import InvalidInputError
from pgdispatch.handler import LOG_TAIL_CHARACTERS, Handlers, LogTail, StoppedError
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


def test_a_log_keeps_its_last_lines() -> None:
    """At most 32 KiB of them."""
    tail = LogTail()

    for number in range(10_000):
        tail.add(f"line {number}")

    text = tail.text() or ""
    assert text.endswith("line 9998\nline 9999")
    assert LOG_TAIL_CHARACTERS - 20 < len(text) < LOG_TAIL_CHARACTERS


def test_a_log_keeps_the_beginning_of_a_line_that_is_too_long() -> None:
    """And nothing else, for there is no room."""
    tail = LogTail()
    tail.add("before")

    tail.add("x" * (LOG_TAIL_CHARACTERS + 5))

    assert tail.text() == "x" * LOG_TAIL_CHARACTERS


@pytest.mark.usefixtures("often_switching")
def test_a_log_may_be_written_and_read_by_many_threads() -> None:
    """As by the reader of a program's output while the job fails; it stays within its size."""
    tail = LogTail()

    def write(name: str) -> None:
        for number in range(20_000):
            tail.add(f"{name} {number}")

    with ThreadPoolExecutor() as pool:
        writers = [pool.submit(write, name) for name in "abc"]
        reader = pool.submit(lambda: [tail.text() for _ in range(5_000)])

    text = tail.text() or ""
    assert [one.exception() for one in (*writers, reader)] == [None] * 4
    assert tail.characters == len(text) + 1
    assert LOG_TAIL_CHARACTERS - 20 < len(text) < LOG_TAIL_CHARACTERS


@pytest.mark.parametrize(
    ("added", "kept"),
    [("a\nb", "a\nb"), ("nul\0byte", "nulbyte"), ("caf\udce9", "caf?"), ("€", "€"), ("", None)],
)
def test_a_log_keeps_only_what_postgresql_can_store(added: str, kept: str | None) -> None:
    """Lines stay lines; what is no text is left out or shown as a question mark."""
    tail = LogTail()

    tail.add(added)

    assert tail.text() == kept


def test_an_unused_log_is_none() -> None:
    """Nothing is kept of it."""
    assert LogTail().text() is None


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
