"""The seven criteria of the order, for two neighbours in the queue: which one decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from pgdispatch.web.console import words

NOT_REORDERED = -1  # rank of jobs that no schedule made


@dataclass(frozen=True)
class Rung:
    """One criterion: its name, what it means, both values in words, and what it came to."""

    criterion: str
    meaning: str
    mine: str
    other: str
    result: str


@dataclass(frozen=True)
class Criterion:
    """A criterion before the values are compared."""

    name: str
    meaning: str
    column: str


def ladder(
    job: Mapping[str, Any], other: Mapping[str, Any], *, tie_break: str, zone: str, now: datetime
) -> tuple[Rung, ...]:
    """Return the seven rungs; the first in which two jobs differ decides, the rest is not needed.

    `job` and `other` have the columns of the order of table job.
    """
    rungs = []
    is_decided = False
    for criterion in _criteria(job, other, tie_break):
        differs = job[criterion.column] != other[criterion.column]
        result = "not needed" if is_decided else "decides" if differs else "equal"
        is_decided = is_decided or differs
        mine, theirs = (_said(criterion.name, row, zone, now) for row in (job, other))
        rungs.append(Rung(criterion.name, criterion.meaning, mine, theirs, result))
    return tuple(rungs)


def deciding(rungs: tuple[Rung, ...]) -> str:
    """Return the criterion that decides, as the view queue names it."""
    return next(rung.criterion for rung in rungs if rung.result == "decides").lower()


def _criteria(
    job: Mapping[str, Any], other: Mapping[str, Any], tie_break: str
) -> tuple[Criterion, ...]:
    on_time = any(
        row["scheduled_at"] is not None and row["queued_at"] <= row["scheduled_at"]
        for row in (job, other)
    )
    added = (
        Criterion("Scheduled time", "earlier first, by batch", "queued_at")
        if on_time
        else Criterion("Queue order", "when added, by batch", "queued_at")
    )
    ties = (("Run time", "usually shorter first"), ("Created", "older task first"))
    first, second = ties if tie_break == "history" else ties[::-1]
    return (
        Criterion("Run now", "started by hand first", "precedence"),
        Criterion("Priority", "lower first", "priority"),
        added,
        Criterion("Job type", "fast types first", "type_rank"),
        Criterion(*first, "tie_first"),
        Criterion(*second, "tie_second"),
        Criterion("Job id", "lower first", "id"),
    )


def _said(name: str, row: Mapping[str, Any], zone: str, now: datetime) -> str:
    """Return the value of a criterion in words; what does not count for a job is a dash."""
    if name in ("Job type", "Run time", "Created") and row["type_rank"] == NOT_REORDERED:
        return words.NOTHING
    said: dict[str, Callable[[], str]] = {
        "Run now": lambda: "yes" if row["precedence"] == 0 else "no",
        "Priority": lambda: str(row["priority"]),
        "Scheduled time": lambda: words.clock(row["queued_at"], zone, now, is_exact=True),
        "Queue order": lambda: words.clock(row["queued_at"], zone, now, is_exact=True),
        "Job type": lambda: f"{row['type_rank']} · {words.plain(row['type'])}",
        "Run time": lambda: _run_time(row["usual_seconds"]),
        "Created": lambda: _created(row, zone, now),
        "Job id": lambda: str(row["id"]),
    }
    return said[name]()


def _run_time(usual_seconds: float | None) -> str:
    return "not known" if usual_seconds is None else words.span(usual_seconds)


def _created(row: Mapping[str, Any], zone: str, now: datetime) -> str:
    """Return when the task was enabled: of the two ties the one that is no run time."""
    ties = (row["tie_first"], row["tie_second"])
    epochs = [tie for tie in ties if isfinite(tie) and tie != row["usual_seconds"]]
    if not epochs:
        return words.NOTHING
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=max(epochs))
    return words.clock(instant, zone, now)
