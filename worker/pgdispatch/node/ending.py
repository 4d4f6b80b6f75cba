"""How an attempt ended, from when the node knows it until the database does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pgdispatch.ipc.attempt import Attempt
from pgdispatch.ipc.channel import Message
from pgdispatch.node.channel_end import NonsenseError
from pgdispatch.outcome import WENT_BACK

FAILURES = ("error", "killed", "timed out")
REPORTED = (  # by a process of its own attempt
    *("succeeded", "error", "failed", "retry", "timed out", "given back", "snoozed"),
)
TEXTS = (str, type(None))


@dataclass(slots=True)
class Ending:
    """One end. `outcome` and what follows are as `pgdispatch.turn` has them; `result` is JSON.

    `backgrounder` had it in hand, for so many `seconds`; None: nobody had. `on_settled` is called
    when the database knows of it. `is_sent`: it may have got through already, without an answer.
    Refused in every form it is tried again at `again_at`, a `time.monotonic()`; `told`: why.
    """

    attempt: Attempt
    outcome: str
    error: str | None = None
    result: str | None = None
    log: str | None = None
    percent: float | None = None
    note: str | None = None
    backgrounder: str | None = None
    on_settled: Callable[[], None] | None = None
    type: str | None = None
    seconds: float | None = None
    size: int = 0
    is_sent: bool = False
    again_at: float = 0.0
    pause: float = 0.0
    told: str | None = None

    def postpone(self, pauses: tuple[float, float]) -> None:
        """Let it wait before it is sent again: longer each time, from the first to the longest."""
        first, longest = pauses
        self.pause = min(max(self.pause * 2, first), longest)
        self.again_at = time.monotonic() + self.pause

    def forms(self, refusals: Sequence[str]) -> Iterator[Ending]:
        """Yield it in ways to send it, with less in them that may be refused.

        `refusals` are those of the ones before. Work that is done stays done: without its result,
        if that is what is refused, then without all else. The last counts it as lost: the job goes
        back to the queue or, after too many losses, fails.
        """
        yield self
        error = self.error
        if self.outcome == "succeeded":
            if self.note is not None:  # it is the handler's, too
                yield replace(self, note=None)
            if self.log is not None:
                yield Ending(self.attempt, "succeeded", result=self.result)
            if self.result is not None:
                yield replace(self, result=_not_stored(refusals[-1]), note=None)
                yield Ending(self.attempt, "succeeded", result=_not_stored(refusals[-1]))
            error = f"its end was not kept: {refusals[-1]}"
            yield replace(self, outcome="error", error=error, result=None)
        plain = f"{error} (its end was not kept: {refusals[-1]})".encode(
            "ascii", "replace"
        ).decode()
        if self.outcome not in WENT_BACK:
            failed_as = self.outcome if self.outcome in FAILURES else "error"
            yield Ending(self.attempt, failed_as, error=plain)
        elif self.error is not None:
            outcome = "given back" if self.outcome == "snoozed" else self.outcome
            yield Ending(self.attempt, outcome, error=plain)
        yield Ending(self.attempt, "lost")


def _not_stored(refusal: str) -> str:
    """Return a result that says so, in characters that every database knows."""
    return json.dumps({"not_stored": refusal.encode("ascii", "replace").decode()})


def read_ending(message: Message, value: bytes | None) -> Ending:
    """Return what a process says of the end of its attempt. Raises `NonsenseError`."""
    get = message.get
    outcome, error, log, note = get("outcome"), get("error"), get("log"), get("note")
    percent = get("percent")
    is_right = (
        outcome in REPORTED
        and isinstance(error, TEXTS)
        and isinstance(log, TEXTS)
        and isinstance(note, TEXTS)
        and isinstance(percent, (float, int, type(None)))
    )
    if not is_right:
        raise NonsenseError
    attempt = message.get("job"), message.get("attempt")
    size = 0
    result = None
    if value is not None:
        size = len(value)
        try:
            result = str(value, "utf-8")
        except UnicodeDecodeError as wrong:
            raise NonsenseError from wrong
    return Ending(attempt, outcome, error, result, log, percent, note, size=size)  # type: ignore[arg-type]
