"""What the log of a node says of the attempts that ended there: a line for each.

The node knows that an attempt has ended and how long it ran, the database what became of the
job. It is asked about all at once, but not about those that succeeded, unless that is to be told.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from pgdispatch.database import statements
from pgdispatch.database.session import Session
from pgdispatch.ipc.attempt import Attempt
from pgdispatch.outcome import WENT_BACK

logger = logging.getLogger("pgdispatch")

T = TypeVar("T")
AT_ONCE, AT_MOST = 1000, 10_000
LONGEST_ERROR = 500
LEVELS = {  # all else: WARNING
    "succeeded": logging.DEBUG,
    "given back": logging.INFO,
    "snoozed": logging.INFO,
    "not begun": logging.INFO,
}


class Seen(NamedTuple):
    """What a node saw of an attempt that has ended; `seconds` is how long it ran.

    `outcome` is in the words of `pgdispatch.turn`.
    Of one that a former supervisor of its name left running it knows no more than where it ran.
    """

    backgrounder: str
    type: str | None = None
    seconds: float | None = None
    outcome: str = "lost"


@dataclass
class Endings:
    """The attempts of one node that ended and are still to be told of. `session` is for asking."""

    session: Session
    pending: dict[Attempt, Seen] = field(default_factory=dict)

    def add(self, attempt: Attempt, seen: Seen) -> None:
        """Note one to be told of; of too many, as the database does not answer, the last ones."""
        self.pending[attempt] = seen
        if len(self.pending) > AT_MOST:
            del self.pending[next(iter(self.pending))]

    async def tell(self) -> None:
        """Ask the database what it made of them, and log a line for each.

        Transaction: one of its own for each thousand.
        """
        async for attempt, seen, known in taken(
            self.pending, self.session, statements.ATTEMPT_ENDS
        ):
            _log(attempt, seen, known)


async def taken(
    pending: dict[Attempt, T], session: Session, statement: str
) -> AsyncIterator[tuple[Attempt, T, Mapping[str, Any]]]:
    """Take attempts out of `pending`, and yield each with what the database knows of it, if at all.

    `statement` takes their jobs and their numbers, and says both in each row.

    Transaction: one of its own for each thousand.
    """
    while attempts := list(islice(pending, AT_ONCE)):
        jobs, numbers = map(list, zip(*attempts, strict=True))
        rows = await session.call(statement, jobs, numbers)
        known = {(row["job"], row["attempt"]): row for row in rows}
        for attempt in attempts:
            yield attempt, pending.pop(attempt), known.get(attempt, {})


def _log(attempt: Attempt, seen: Seen, known: Mapping[str, Any]) -> None:
    outcome = _outcome(seen, known)
    error = (str(known.get("error") or "").strip().splitlines() or [""])[0][:LONGEST_ERROR]
    again = known.get("again_at") if outcome in ("retried", "snoozed") else None
    facts = {
        "job": attempt[0],
        "attempt": attempt[1],
        "type": known.get("type", seen.type),
        "site": known.get("site"),
        "title": known.get("title"),
        "backgrounder": seen.backgrounder,
        "seconds": None if seen.seconds is None else round(seen.seconds, 3),
        "outcome": outcome,
        "error": error or None,
        "again_at": None if again is None else again.astimezone().isoformat(timespec="seconds"),
        "is_suspended": bool(known.get("is_suspended")),
    }
    level = LEVELS.get(outcome, logging.WARNING)
    logger.log(level, "%s", "".join(_words(facts)), extra={"facts": facts})


def _outcome(seen: Seen, known: Mapping[str, Any]) -> str:
    """Return in a word how an attempt ended: as the database says, if its job ended with it."""
    outcome = known.get("outcome")
    if outcome is None:
        is_told = seen.outcome in ("succeeded", "lost", *WENT_BACK)
        return seen.outcome if is_told else "retried"
    failed_as = known["failed_as"]
    return str(failed_as if outcome == "failed" and failed_as != "error" else outcome)


def _words(facts: Mapping[str, Any]) -> Iterator[str]:
    yield f"{facts['backgrounder']}: job {facts['job']}"
    if facts["attempt"] > 1:
        yield f" (attempt {facts['attempt']})"
    if facts["type"] is not None:
        yield f", {facts['type']}"
    if facts["site"] is not None:
        yield f" of site {facts['site']}"
    if facts["title"] is not None:
        yield f", “{facts['title']}”"
    yield f": {facts['outcome']}"
    if facts["seconds"] is not None:
        yield f" after {facts['seconds']:.1f} s"
    if facts["again_at"] is not None:
        yield f", again at {facts['again_at']}"
    if facts["is_suspended"]:
        yield ", and its task is suspended"
    if facts["error"] is not None:
        yield f": {facts['error']}"
