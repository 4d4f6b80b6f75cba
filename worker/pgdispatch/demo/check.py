"""Check from the history alone that every job started in order and that no gate was exceeded.

Independent of the SQL: the order is computed anew from what the jobs are (semantics 4), not read
from the order columns; run times are averaged here.

A job was passed over if it could be seen, and all its gates had room, when the claim of the other
began (`asked_at`), and its own claim began after the other had been given (`started_at`). When an
insert was committed, the one who inserted says. When the end of a job was committed is not known
to the microsecond: its gates count as busy until SLACK after `ended_at`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

SLACK = timedelta(seconds=0.25)
BATCH = 60.0
LAST = BATCH - 1e-6  # the last instant of a batch
RANKS = {
    "flow": 0,
    "alert": 1,
    "system": 2,
    "subscription": 3,
    "extract_creation": 4,
    "incremental_extract": 5,
    "full_extract": 6,
}
CRITERIA = ("run now", "priority", "queue order", "job type", "run time", "created", "job id")

Run = Mapping[str, Any]
Key = tuple[int, int, float, int, float, float, int]


@dataclass(frozen=True)
class Finding:
    """The result: what is wrong, in words, and for each job what decided that it was next."""

    problems: tuple[str, ...]
    decided: Mapping[int, str]


def check(
    runs: Sequence[Run],
    *,
    enabled: Mapping[int, datetime],
    limits: Mapping[str, int],
    committed: Sequence[datetime],
) -> Finding:
    """Check all runs.

    `enabled`: when each task was enabled. `limits`: of the sites that have one. `committed`:
    instants at which everything created before had been committed.
    """
    keys = {run["id"]: sort_key(run, runs, enabled) for run in runs}
    seen = {run["id"]: _seen_at(run, committed) for run in runs}
    started = sorted(runs, key=lambda run: run["started_at"])
    problems = [*_gates(started, limits)]
    decided = {}
    for run in started:
        rivals = [
            other
            for other in runs
            if seen[other["id"]] < run["asked_at"]
            and other["asked_at"] > run["started_at"]
            and _has_room(other, run, runs, limits)
        ]
        problems.extend(
            f"job {run['id']} started before job {other['id']}, which comes first by "
            f"{criterion(keys[run['id']], keys[other['id']])}"
            for other in rivals
            if keys[other["id"]] < keys[run["id"]]
        )
        first = min(rivals, key=lambda other: keys[other["id"]], default=None)
        decided[run["id"]] = (
            "alone" if first is None else criterion(keys[run["id"]], keys[first["id"]])
        )
    return Finding(tuple(problems), decided)


def sort_key(run: Run, runs: Sequence[Run], enabled: Mapping[int, datetime]) -> Key:
    """Return a job's place in the order of semantics 4, computed from what it is."""
    first = 0 if run["run_now"] and run["type"] != "flow" else 1
    if run["scheduled_at"] is None:
        return (first, run["priority"], run["created_at"].timestamp(), -1, 0.0, 0.0, run["id"])
    return (
        first,
        run["priority"],
        _batch(run["scheduled_at"], run["created_at"]),
        RANKS[run["type"]],
        _usual(run, runs),
        enabled[run["task"]].timestamp(),
        run["id"],
    )


def criterion(one: Key, other: Key) -> str:
    """Return the name of the first criterion in which two jobs differ."""
    return next(name for name, a, b in zip(CRITERIA, one, other, strict=True) if a != b)


def _batch(scheduled_at: datetime, created_at: datetime) -> float:
    is_late = (created_at - scheduled_at).total_seconds() > BATCH
    time = created_at if is_late else scheduled_at
    return time.timestamp() // BATCH * BATCH + is_late * LAST


def _usual(run: Run, runs: Sequence[Run]) -> float:
    earlier = [
        (other["ended_at"] - other["started_at"]).total_seconds()
        for other in runs
        if other["task"] == run["task"]
        and other["outcome"] == "succeeded"
        and other["ended_at"] < run["created_at"]
    ]
    return sum(earlier) / len(earlier) if earlier else math.inf


def _seen_at(run: Run, committed: Sequence[datetime]) -> datetime:
    later = [instant for instant in committed if instant >= run["created_at"]]
    return min(later, default=datetime.max.replace(tzinfo=UTC))


def _has_room(other: Run, run: Run, runs: Sequence[Run], limits: Mapping[str, int]) -> bool:
    """Whether every gate of `other` had room all the while `run` was being chosen."""
    since, until = run["asked_at"] - SLACK, run["started_at"]
    busy = [r for r in runs if r["started_at"] < until and r["ended_at"] > since]
    limit = limits.get(other["site"])
    return not (
        any(_same_datasource(r, other) for r in busy)
        or (other["is_serial"] and any(r["schedule"] == other["schedule"] for r in busy))
        or (limit is not None and sum(r["site"] == other["site"] for r in busy) >= limit)
    )


def _same_datasource(one: Run, other: Run) -> bool:
    return (
        one["datasource"] is not None
        and one["datasource"] == other["datasource"]
        and one["site"] == other["site"]
    )


def _gates(started: Sequence[Run], limits: Mapping[str, int]) -> list[str]:
    problems = []
    for run in started:
        others = [
            r
            for r in started
            if r["id"] != run["id"] and r["started_at"] <= run["started_at"] < r["ended_at"]
        ]
        problems += [
            f"jobs {r['id']} and {run['id']} ran at once on datasource {run['datasource']}"
            for r in others
            if _same_datasource(r, run)
        ]
        problems += [
            f"jobs {r['id']} and {run['id']} ran at once on serial schedule {run['schedule']}"
            for r in others
            if run["is_serial"] and r["schedule"] == run["schedule"]
        ]
        problems += [
            f"jobs {r['id']} and {run['id']} ran at once on backgrounder {run['backgrounder']}"
            for r in others
            if r["backgrounder"] == run["backgrounder"]
        ]
        limit = limits.get(run["site"])
        if limit is not None and sum(r["site"] == run["site"] for r in others) >= limit:
            problems.append(f"job {run['id']} started above the limit of site {run['site']}")
    return problems
