"""What a handler raises to say what shall become of its job.

    raise Retry("429 from the API", after=30, kind="rate limited")
    raise Snooze(after=timedelta(minutes=5))
    raise Fail("there is no table orders", kind="no such table")

Whatever else it raises is a failure, too, and is tried again as the job's `max_attempts` says. The
error of a job begins with the kind of its failure and a colon: that is how failures are told apart.
"""

from __future__ import annotations

from datetime import timedelta

from pgdispatch.errors import InvalidInputError

LONGEST_DELAY = timedelta(days=366)
LONGEST_KIND = 60
FOR_GOOD = ("error", "killed", "timed out", "lost")  # how a job fails, and not only an attempt
WENT_BACK = ("given back", "snoozed", "not begun")  # how an attempt ends without a failure
PAUSE = 60.0  # seconds until later, for a program or a procedure that does not say how many


class Outcome(Exception):  # noqa: N818  # what it tells may be no error
    """What all of them have: what is told of the job, and a `kind`."""

    def __init__(self, message: object = "", *, kind: str | None = None) -> None:
        super().__init__(message)
        plain = " ".join(str(kind or "")[: 10 * LONGEST_KIND].replace(":", " ").split())
        self.kind = plain[:LONGEST_KIND].rstrip() or type(self).__name__


class Fail(Outcome):
    """The job fails for good: no further attempt, whatever its `max_attempts`.

    `kind`: what sort of failure it is, in 60 characters without a colon; else the class' name.
    """


class Retry(Outcome):
    """This attempt has failed; the next one starts `after` seconds, or a timedelta, at the soonest.

    None: after the usual pause, which grows with each failure. It spends one of the job's
    `max_attempts`: after the last of them the job has failed. `kind` as for `Fail`.
    Raises `InvalidInputError` for a delay that is negative, no number, or longer than 366 days.
    """

    def __init__(
        self,
        message: object = "",
        *,
        after: float | timedelta | None = None,
        kind: str | None = None,
    ) -> None:
        super().__init__(message, kind=kind)
        self.after = None if after is None else seconds_of(after)


class Snooze(Outcome):
    """Not yet: nothing has failed, and the job starts anew `after` seconds, or a timedelta.

    It spends none of the job's `max_attempts`, so the handler has to know when it is enough.
    Raises `InvalidInputError` as `Retry` does.
    """

    def __init__(
        self, message: object = "", *, after: float | timedelta, kind: str | None = None
    ) -> None:
        super().__init__(message, kind=kind)
        self.after = seconds_of(after)


def seconds_of(after: float | timedelta) -> float:
    """Return a delay in seconds. Raises `InvalidInputError`."""
    try:
        seconds = after.total_seconds() if isinstance(after, timedelta) else float(after)
    except (TypeError, ValueError, OverflowError):
        seconds = -1
    if not 0 <= seconds <= LONGEST_DELAY.total_seconds():
        raise InvalidInputError(
            f"{str(after)[:40]} is not a delay", hint="give seconds or a timedelta, up to 366 days"
        )
    return seconds
