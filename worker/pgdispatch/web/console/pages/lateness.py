"""Why a job that has ended had been late, as far as the history tells.

Runs on the same datasource or serial schedule are in the history from start to end, so what they
held is exact. Limits, budgets and drains as they were are not kept: what they held is not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pgdispatch.web.console import drawing, words
from pgdispatch.web.console.pages.filters import named

LEAST = timedelta(seconds=1)
FARTHEST = timedelta(days=7)
TONES = {"datasource": "gate", "schedule": "gate", "time": "mute", "late": "warn"}
LABELS = {
    "datasource": "datasource busy",
    "schedule": "serial schedule busy",
    "time": "not before its time",
    "late": "not added yet",
}


@dataclass(frozen=True)
class Wait:
    """From when to when a job waited; `is_scheduled`: since a scheduled time."""

    from_at: datetime
    to_at: datetime
    is_scheduled: bool

    @property
    def length(self) -> timedelta:
        """Return how long it was; not less than nothing."""
        return max(self.to_at - self.from_at, timedelta())


def wait_of(job: Mapping[str, Any]) -> Wait | None:
    """Return how long a job waited for its start; None: it never started."""
    started = job["first_started_at"]
    if started is None:
        return None
    since = job["scheduled_at"] or job["created_at"]
    return Wait(min(since, started), started, job["scheduled_at"] is not None)


def stretches_of(
    job: Mapping[str, Any], wait: Wait, holders: Iterable[Mapping[str, Any]]
) -> tuple[words.Held, ...]:
    """Return what held the job, in order and without overlaps; between them nothing is known.

    `holders`: runs on its datasource (`is_datasource`) or serial schedule that ended while it
    waited.
    """
    held = [
        words.Held(
            "datasource" if row["is_datasource"] else "schedule",
            row["started_at"],
            row["ended_at"],
            row["job"],
            named(row),
        )
        for row in holders
    ]
    fixed = [words.Held("late", wait.from_at, job["created_at"])]
    if job["not_before"] is not None and not job["failures"]:
        fixed.append(words.Held("time", wait.from_at, job["not_before"]))
    found: list[words.Held] = []
    at = wait.from_at
    for one in (*fixed, *sorted(held, key=lambda one: one.from_at)):
        begun, ended = max(one.from_at, at), min(one.to_at, wait.to_at)
        if ended - begun >= LEAST:
            found.append(words.Held(one.cause, begun, ended, one.job, one.title))
            at = ended
    return tuple(found)


def sums_of(stretches: Sequence[words.Held], wait: Wait) -> list[tuple[str, str, timedelta, float]]:
    """Return each cause with its colour, its sum and its share in per cent, the greatest first."""
    held = words.sums(stretches)
    rows = [(LABELS[cause], TONES[cause], length) for cause, length in held.items()]
    rest = wait.length - sum(held.values(), timedelta())
    if rest >= LEAST:
        rows.append(("not kept", "unknown", rest))
    whole = max(wait.length.total_seconds(), 1e-6)
    return [
        (label, tone, length, length.total_seconds() / whole * 100)
        for label, tone, length in sorted(rows, key=lambda row: row[2], reverse=True)
    ]


def bar_of(stretches: Sequence[words.Held], wait: Wait) -> tuple[drawing.Rect, ...]:
    """Return the wait as a bar, coloured by what held the job."""
    bars = []
    at = wait.from_at
    for one in stretches:
        bars.append(drawing.Bar(at, one.from_at, "unknown", "what held it is not kept"))
        title = f"{LABELS[one.cause]}, {words.span(one.length)}"
        bars.append(drawing.Bar(one.from_at, one.to_at, TONES[one.cause], title))
        at = one.to_at
    bars.append(drawing.Bar(at, wait.to_at, "unknown", "what held it is not kept"))
    return drawing.strip([bar for bar in bars if bar.to_at > bar.from_at], wait.from_at, wait.to_at)


def what_is_not_known(job: Mapping[str, Any], rest: timedelta) -> str | None:
    """Return in words what the history does not keep of this wait; None: all of it is told."""
    if job["failures"] or job["losses"]:
        before = words.counted(job["failures"] + job["losses"], "attempt")
        return (
            f"{before} had failed or been lost before. The history keeps the last attempt only, so "
            "what the others took is part of this wait."
        )
    if rest < LEAST:
        return None
    kinds = {gate.partition("/")[0] for gate in job["parked_gates"]}
    if "site" in kinds:
        return (
            f"{words.span(rest)} are not told: it was parked at its site's limit or budget for "
            "some of that, and the history does not keep from when to when."
        )
    return (
        f"{words.span(rest)} are not told: it waited for its turn, for a backgrounder that takes "
        "its type, or at a gate in between, and the history does not keep which."
    )
