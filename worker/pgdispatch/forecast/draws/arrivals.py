"""Jobs that nobody has scheduled: in each run those of the same hours of one past day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pgdispatch.forecast.draws.chance import fraction, mixed
from pgdispatch.forecast.draws.past import Past
from pgdispatch.forecast.run import MICROS, Arrival

JITTER = 120 * MICROS  # so far from each other come those that one stands for


def arrivals_of(past: Past, made_at: int, until: int, run: int) -> list[Arrival]:
    """Return the arrivals of one simulated run, in the order of their instants.

    Days take turns. Where a day was thinned, each of its jobs comes as often as it stands for.
    """
    if not past.days:
        return []
    day = past.days[run % len(past.days)]
    found: list[Arrival] = []
    for place, (after, *facts) in enumerate(day.jobs):
        for copy in range(day.every):
            at = made_at + int(after * MICROS)
            if copy:
                at += int(fraction(mixed(run, place, copy)) * JITTER)
            if made_at < at <= until:
                found.append(_arrival(at, facts))
    return sorted(found, key=lambda arrival: arrival.at)


def _arrival(at: int, facts: Sequence[Any]) -> Arrival:
    type_, site, task, datasource, schedule, priority, run_now = facts
    return Arrival(
        at=at,
        type=type_,
        site=site,
        task=task,
        datasource=datasource,
        schedule=schedule,
        priority=None if run_now else priority,
        run_now=run_now,
    )
