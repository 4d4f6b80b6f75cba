"""Why a job was late: what why_late says of it, as a bar, as sums, and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pgdispatch.web.console import drawing, words

LEAST = timedelta(seconds=1)
FARTHEST = timedelta(days=7)
MOST = 20  # lines of the table
TONES = {
    **dict.fromkeys(("datasource", "schedule", "site limit", "site budget"), "gate"),
    **dict.fromkeys(("time", "retry pause", "claim"), "mute"),
    **dict.fromkeys(("paused", "closed", "not taken", "clock"), "warn"),
    **dict.fromkeys(("no node", "node lost"), "bad"),
    "no backgrounder": "run",
    "ran before": "ok",
}


@dataclass(frozen=True)
class Wait:
    """From when to when a job waited; `is_scheduled`: since a scheduled time."""

    from_at: datetime
    to_at: datetime
    is_scheduled: bool

    @property
    def length(self) -> timedelta:
        """Return how long it was."""
        return self.to_at - self.from_at


def wait_of(job: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Wait | None:
    """Return how long a job waited, by what why_late says; None: not for as long as a second."""
    if not rows:
        return None
    wait = Wait(
        min(row["from_at"] for row in rows),
        max(row["to_at"] for row in rows),
        job["scheduled_at"] is not None,
    )
    return wait if wait.length >= LEAST else None


def stretches_of(rows: Iterable[Mapping[str, Any]]) -> tuple[words.Held, ...]:
    """Return the spans of a wait in order: what held the job in each, whoever was in the way."""
    spans = {(row["from_at"], row["to_at"]): row["kind"] for row in rows}
    return tuple(words.Held(kind, *span) for span, kind in sorted(spans.items()))


def sums_of(stretches: Sequence[words.Held], wait: Wait) -> list[tuple[str, str, timedelta, float]]:
    """Return each reason with its colour, its sum and its share in per cent, the greatest first."""
    held = words.sums(stretches)
    return [
        (kind, TONES.get(kind, "mute"), length, length / wait.length * 100)
        for kind, length in sorted(held.items(), key=lambda item: item[1], reverse=True)
    ]


def bar_of(stretches: Sequence[words.Held], wait: Wait) -> tuple[drawing.Rect, ...]:
    """Return the wait as a bar, coloured by what held the job."""
    bars = [
        drawing.Bar(
            one.from_at, one.to_at, TONES.get(one.cause, "mute"),
            f"{one.cause}, {words.span(one.length)}",
        )
        for one in stretches
    ]  # fmt: skip
    return drawing.strip(bars, wait.from_at, wait.to_at)


def blockers_of(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return reason by reason how long it waited behind whom, most first; job None: nobody."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault(
            (row["kind"], row["behind_job"]),
            {**row, "job": row["behind_job"], "title": row["behind_title"], "behind": timedelta()},
        )
        one["behind"] += timedelta(seconds=float(row["seconds"]))
    return sorted(found.values(), key=lambda one: one["behind"], reverse=True)
