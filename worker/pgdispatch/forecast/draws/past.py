"""Reads forecast_history: what the draws of a forecast know of the past. Times in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from pgdispatch.forecast.statements import FORECAST_HISTORY


@dataclass(frozen=True, slots=True)
class TaskPast:
    """What is known of one task: its last run times, newest first, and how often it fails."""

    type: str
    median: float | None
    times: tuple[float, ...]
    successes: int
    failures: int


@dataclass(frozen=True, slots=True)
class TypePast:
    """What is known of all tasks of a type: `levels` are quantiles of log(time ÷ median)."""

    levels: tuple[float, ...]
    median: float | None
    successes: int
    failures: int


@dataclass(frozen=True, slots=True)
class Day:
    """Jobs that nobody had scheduled, of one past day: each stands for `every` of its kind."""

    every: int
    jobs: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Past:
    """What forecast_history says.

    `halves`: level and number of runs of past half days, newest first; `recent`: how many have
    ended in the last 2.5 hours, and their level.
    """

    tasks: Mapping[int, TaskPast] = field(default_factory=dict)
    types: Mapping[str, TypePast] = field(default_factory=dict)
    halves: tuple[tuple[float, int], ...] = ()
    recent: tuple[int, float] = (0, 0.0)
    days: tuple[Day, ...] = ()


def forecast_history(connection: psycopg.Connection[Any], hours: float) -> dict[str, Any]:
    """Return what the function of the same name says.

    Transaction: joins the caller's; reads only.
    """
    ((found,),) = connection.execute(FORECAST_HISTORY, (hours,)).fetchall()
    return dict(found)


def read_past(document: Mapping[str, Any]) -> Past:
    """Return what forecast_history said."""
    count, level = document["recent"]
    return Past(
        tasks={
            task: TaskPast(name, median, tuple(times or ()), successes or 0, failures or 0)
            for task, name, median, times, successes, failures in document["tasks"]
        },
        types={
            name: TypePast(tuple(levels or ()), median, successes or 0, failures or 0)
            for name, levels, median, successes, failures in document["types"]
        },
        halves=tuple((level, runs) for level, runs in document["halves"]),
        recent=(count, level or 0.0),
        days=tuple(
            Day(day["every"], tuple(map(tuple, day["jobs"])))
            for day in document["days"]
            if day["is_known"]
        ),
    )
