"""What a handler raises to say what shall become of its job."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pgdispatch import Context, Fail, Handlers, Retry, Snooze
from pgdispatch.errors import InvalidInputError
from pgdispatch.testing import Ending, RecordingContext, context, run


def raising(error: BaseException, subject: RecordingContext | None = None) -> Ending:
    """Run a handler that raises."""
    handlers = Handlers()

    @handlers.register("system")
    def work(_: Context) -> None:
        raise error

    return run(subject or context("system"), handlers)


class RateLimitedError(Retry):
    """A kind of an application's own."""


def test_each_says_what_becomes_of_the_job() -> None:
    """With the kind before the colon; a class of one's own is a kind, too."""
    assert raising(Fail("no orders", kind="no such table")) == Ending(
        "failed", error="no such table: no orders", is_final=True
    )
    assert raising(Retry("429", after=timedelta(minutes=1))) == Ending(
        "failed", error="Retry: 429", again_after=60
    )
    assert raising(RateLimitedError()) == Ending("failed", error="RateLimitedError")
    assert raising(Snooze(after=0)) == Ending("snoozed", error="Snooze", again_after=0)


def test_only_a_failure_has_a_traceback_in_the_log() -> None:
    """Not yet is no failure."""
    failed, snoozed = context("system"), context("system")

    raising(Fail("no orders"), failed)
    raising(Snooze(after=1), snoozed)

    assert failed.lines[0] == "Traceback (most recent call last):"
    assert snoozed.lines == []


@pytest.mark.parametrize("reason", ["cancelled", "timed out", "draining"])
def test_they_mean_what_they_say_when_the_job_should_stop(reason: str) -> None:
    """The handler knows better than the node."""
    assert raising(Fail("x"), context("system", stop=reason)).is_final
    assert raising(Snooze(after=1), context("system", stop=reason)).outcome == "snoozed"


@pytest.mark.parametrize(
    "after", [-1, float("nan"), float("inf"), timedelta.max, -timedelta.resolution, "soon", 10**400]
)
def test_a_delay_that_is_none_is_refused(after: Any) -> None:
    """So the job fails as by any error, and is tried again after the usual pause."""
    for make in (Retry, Snooze):
        with pytest.raises(InvalidInputError, match="is not a delay"):
            make(after=after)


def test_a_kind_is_short_and_has_no_colon() -> None:
    """So that it ends where the text begins, whatever it was made from."""
    assert Fail(kind="HTTP: 429\n  slow").kind == "HTTP 429 slow"
    assert Fail(kind="x" * 10_000_000).kind == "x" * 60
    assert Fail(kind=" \n").kind == "Fail"
