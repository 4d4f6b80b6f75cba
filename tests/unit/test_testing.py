"""What people who write handlers can test them with."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from pgdispatch import Context, Handlers
from pgdispatch.testing import context, run


def checks(subject: Context) -> bool:
    """Look as most handlers do."""
    subject.check_stop()
    return False


LOOKS: dict[str, Callable[[Context], Any]] = {
    "check_stop": checks,
    "wait": lambda subject: subject.wait(1000),
    "stop_requested": lambda subject: subject.stop_requested,
}


def counting(look: Callable[[Context], Any]) -> Handlers:
    """Return the handler of a system job that works until it should stop, and counts."""
    handlers = Handlers()

    @handlers.register("system")
    def work(subject: Context) -> dict[str, int]:
        for part in range(10):
            subject.progress(part, f"part {part}")
            if look(subject):
                subject.check_stop()
        return {"parts": 10}

    return handlers


def test_what_a_handler_does_with_its_context_is_kept() -> None:
    """Its reports, the lines of its log and its waits, which take no time."""
    subject = context("system")

    subject.progress(50, "half")
    subject.progress(120)
    subject.log("one\ntwo")
    subject.wait(1000)

    assert subject.reports == [(50, "half"), (100, None)]
    assert subject.lines == ["one", "two"]
    assert subject.waits == [1000]


def test_a_job_is_as_it_would_come_out_of_the_database() -> None:
    """Args too, which are JSON there."""
    args: dict[Any, Any] = {"days": (1, 2), 3: None}

    job = context("flow", args=args, site="north", priority=7).job

    assert (job.type, job.site, job.priority, job.attempt) == ("flow", "north", 7, 1)
    assert job.args == {"days": [1, 2], "3": None}


@pytest.mark.parametrize("value", [object(), float("nan"), "a\0b"])
def test_args_that_no_row_can_hold_are_refused(value: Any) -> None:
    """The handler will never see them."""
    with pytest.raises((TypeError, ValueError)):
        context("flow", args={"value": value})


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("after", [0, 1, 4])
def test_a_job_should_stop_after_so_many_looks(look: str, after: int) -> None:
    """However its handler looks; the runner's own look does not count."""
    subject = context("system", stop_after=after)

    ending = run(subject, counting(LOOKS[look]))

    assert (ending.outcome, ending.error) == ("stopped", "StoppedError: stopped: cancelled")
    assert len(subject.reports) == after + 1


def test_a_job_that_fails_before_it_should_stop_has_failed() -> None:
    """Though the next look would have found it."""
    handlers = Handlers()

    @handlers.register("system")
    def fail(subject: Context) -> None:
        subject.check_stop()
        raise ValueError("no rows")

    subject = context("system", stop_after=1)
    ending = run(subject, handlers)

    assert (ending.outcome, ending.error) == ("failed", "ValueError: no rows")
    assert subject.lines[-1] == "ValueError: no rows"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, None),
        ({"stop": "timed out"}, "timed out"),
        ({"stop": "draining", "stop_after": 0}, "draining"),
        ({"stop": "draining", "stop_after": 1}, None),
    ],
)
def test_a_test_says_why_a_job_should_stop(given: dict[str, Any], reason: str | None) -> None:
    """At once, unless it says when."""
    assert context("system", **given).stop_requested == reason


def test_it_needs_neither_pytest_nor_a_driver_of_the_database() -> None:
    """Whoever imports it has neither a server nor this suite."""
    told = "import pgdispatch.testing, sys; print(*{'pytest', 'psycopg'} & set(sys.modules))"

    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True)

    assert ran.stdout.strip() == ""
