"""What another priority of one waiting job does: to its start, and to those of others."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pgdispatch.forecast.applying import applied
from pgdispatch.forecast.arrivals import arrivals_of
from pgdispatch.forecast.changes import read
from pgdispatch.forecast.comparison import Ends, ends_of
from pgdispatch.forecast.dispatching import simulate
from pgdispatch.forecast.durations import Durations
from pgdispatch.forecast.past import read_past
from pgdispatch.forecast.plan import Plan
from pgdispatch.forecast.run import MICROS, Run
from pgdispatch.forecast.snapshot import read_plan

WORTH_SAYING = 60 * MICROS  # what starts less later than that is not counted

Start = int | None


@dataclass(frozen=True)
class Effect:
    """When a job starts as it is and with the other priority, and whom that concerns.

    Instants at 10, 50 and 90 %; None: after `until`. `later`, `sooner`: how many other jobs start
    a minute or more later, or sooner, in the median of the runs.
    """

    now: Ends
    then: Ends
    later: int
    sooner: int
    until: int
    runs: int


def effect(
    document: Mapping[str, Any],
    history: Mapping[str, Any],
    job: int,
    priority: int,
    *,
    runs: int = 20,
    seconds: float = 1.0,
) -> Effect:
    """Return what another priority does, from what forecast_input and forecast_history say.

    As many pairs of runs as fit into so many seconds of the clock, one at least. Raises
    `InvalidInputError` if the job does not wait. Touches no database.
    """
    as_it_is = read_plan(document)
    changed = read_plan(applied([read("priority", f"{job}={priority}")], document))
    past = read_past(history)
    durations = Durations(past, as_it_is.made_at)
    own: tuple[list[Start], list[Start]] = ([], [])
    shifts: dict[object, list[int]] = defaultdict(list)
    deadline, longest = time.monotonic() + seconds, 0.0
    for number in range(runs):
        before = time.monotonic()
        if number and before + longest > deadline:
            break
        arrivals = arrivals_of(past, as_it_is.made_at, as_it_is.until, number)
        pair = [
            _starts(simulate(plan, durations.run(number), arrivals), plan)
            for plan in (as_it_is, changed)
        ]
        for starts, found in zip(own, pair, strict=True):
            starts.append(found.pop(job, None))
        for key, start in pair[0].items():
            shifts[key].append(_shift(start, pair[1].get(key), as_it_is.until))
        longest = max(longest, time.monotonic() - before)
    medians = [sorted(moved)[len(moved) // 2] for moved in shifts.values()]
    return Effect(
        ends_of(own[0]),
        ends_of(own[1]),
        later=sum(moved >= WORTH_SAYING for moved in medians),
        sooner=sum(moved <= -WORTH_SAYING for moved in medians),
        until=as_it_is.until,
        runs=len(own[0]),
    )


def _starts(run: Run, plan: Plan) -> dict[object, Start]:
    """Return when each job starts that has not started yet, by its number or what makes it."""
    return {
        job.job or (job.task, job.scheduled_at, job.number): job.started_at
        for job in run.jobs
        if job.started_at is None or job.started_at >= plan.made_at
    }


def _shift(now: Start, then: Start, until: int) -> int:
    return (until if then is None else then) - (until if now is None else now)
