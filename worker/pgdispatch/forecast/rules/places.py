"""The place of a new job in the order (semantics §3, §4), as fill_job and place_in_batch."""

from __future__ import annotations

from collections import deque
from math import inf

from pgdispatch.forecast.plan import JobType, Schedule, Settings, Task

SIGNIFICANT = 16  # digits of a quotient of numerics, at least
GROUP = 10_000  # PostgreSQL counts them by fours


class Usual:
    """The historical run time of a task: the mean over its successful runs, sliding."""

    __slots__ = ("_leaving", "_micros", "_runs")

    def __init__(self, task: Task) -> None:
        self._runs, self._micros = task.runs, task.micros
        self._leaving = deque(task.leaving)

    def add(self, ended_at: int, micros: int) -> None:
        """Count a run that has succeeded."""
        self._runs += 1
        self._micros += micros
        self._leaving.append((ended_at, micros))

    def seconds(self, since: int) -> float:
        """Return the mean over the runs that have ended after an instant; infinity: none has."""
        leaving = self._leaving
        while leaving and leaving[0][0] <= since:
            self._runs -= 1
            self._micros -= leaving.popleft()[1]
        return mean_seconds(self._micros, self._runs) if self._runs else inf


def mean_seconds(micros: int, runs: int) -> float:
    """Return what avg(numeric) makes of seconds that sum up to `micros`, as double precision.

    It rounds the quotient to 16 significant digits or more, counted by fours, before that becomes a
    float. Two jobs of one mean are told apart by later criteria, so the last digit matters.
    """
    if micros <= 0:  # the clock has gone back
        return -mean_seconds(-micros, runs) if micros else 0.0
    weight, first = _leading(micros * 100)
    weight_of_runs, first_of_runs = _leading(runs)
    quotient = weight - 2 - weight_of_runs - (first <= first_of_runs)
    scale = max(SIGNIFICANT - 4 * quotient, 6)
    ten: int = 10**scale
    return (2 * micros * (ten // 10**6) + runs) // (2 * runs) / ten


def _leading(number: int) -> tuple[int, int]:
    """Return the place of the first digit to the base of 10,000, and that digit."""
    weight = 0
    while number >= GROUP:
        number //= GROUP
        weight += 1
    return weight, number


def queued_at(created_at: int, scheduled_at: int, batch: int) -> int:
    """Return criterion 3 of a job that a schedule makes: its batch, or that in which it is late."""
    if created_at > scheduled_at + batch:
        return created_at // batch * batch + batch - 1
    return scheduled_at // batch * batch


def ties(usual: float, since: float, settings: Settings) -> tuple[float, float]:
    """Return criteria 5 and 6 of a job that a schedule makes."""
    return (usual, since) if settings.is_shorter_first else (since, usual)


def default_priority(
    kind: JobType, task: Task | None, schedule: Schedule | None, *, is_first: bool
) -> int:
    """Return the priority of a job that names none (§3)."""
    if is_first:
        return 0
    if kind.priority_from == "task" and task is not None:
        return kind.default_priority if task.priority is None else task.priority
    if schedule is None or kind.default_priority == 0:
        return kind.default_priority
    if kind.priority_from == "schedule" and schedule.is_custom:
        return 50
    return schedule.priority


def longest_delay(failures: int, settings: Settings) -> int:
    """Return how long the retry may wait at most after an attempt before which so many failed."""
    return min(settings.retry_max, settings.retry_base << min(failures, 30))
