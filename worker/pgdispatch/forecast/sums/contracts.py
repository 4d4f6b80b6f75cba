"""When contracts are met, over many simulated runs: the chance is over the runs jointly.

One run at a time is looked at and let go. A run meets a contract at a due time when all its parts
have data: a job of each succeeded that began at or after the cut-off. Several schedules may bring
the data; the earliest counts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil, inf
from typing import Any

import psycopg

from pgdispatch.forecast.run import Run, SimulatedJob
from pgdispatch.forecast.statements import CONTRACT_INPUT, NOTE_CONTRACTS

Decider = tuple[int | None, int | None, int | None]  # job; or None, task and scheduled time
Source = tuple[str, object, object]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Part:
    """What has to have data: a source of jobs, and of a linked task its steps.

    `began`: when the run of the linked task began that is under way.
    """

    source: Source
    steps: tuple[int, ...] = ()
    began: int | None = None


@dataclass(slots=True)
class Due:
    """One due time of a contract, and when it was met in each run; inf: not within the horizon."""

    contract: int
    types: frozenset[str] | None
    due: int
    after: int
    parts: tuple[Part, ...]
    met: list[float] = field(default_factory=list)
    deciders: Counter[Decider] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Met:
    """When a part has data in one run, and the job that decides it, if there is one."""

    at: float
    by: SimulatedJob | None


def contract_input(
    connection: psycopg.Connection[Any], hours: float
) -> Sequence[Mapping[str, Any]]:
    """Return what the database says of contracts, for `Judge`.

    Transaction: joins the caller's; reads only.
    """
    ((document,),) = connection.execute(CONTRACT_INPUT, (hours,)).fetchall()
    return document if isinstance(document, list) else json.loads(document)


def note_contracts(
    connection: psycopg.Connection[Any],
    judge: Judge,
    made_at: int,
    *,
    good_for: float | None = None,
) -> int:
    """Write what the runs said in the place of what was said before; return how many rows.

    It is believed for so many seconds from `made_at` on; None: as long as the forecast.

    Transaction: joins the caller's; commits nothing.
    """
    made = EPOCH + timedelta(microseconds=made_at)
    until = None if good_for is None else made + timedelta(seconds=good_for)
    ((count,),) = connection.execute(
        NOTE_CONTRACTS, (made, until, json.dumps(judge.result()))
    ).fetchall()
    return int(count)


class Judge:
    """Gathers simulated runs up to a horizon, beyond which runs may go."""

    def __init__(self, contracts: Iterable[Mapping[str, Any]], *, until: int) -> None:
        self.until = until
        self.runs = 0
        self._made_at = 0
        self._dues = [due for told in contracts for due in read_dues(told) if due.due <= until]
        self._sources = {part.source for due in self._dues for part in due.parts}

    def add(self, run: Run) -> None:
        """Add one run."""
        self.runs += 1
        self._made_at = run.made_at
        jobs = self._by_source(run)
        for due in self._dues:
            met = [self._met(due, part, jobs.get(part.source, [])) for part in due.parts]
            last = max(met, key=lambda one: one.at)
            due.met.append(last.at)
            if last.by is not None:
                due.deciders[decider_of(last.by)] += 1

    def result(self) -> list[dict[str, Any]]:
        """Return the rows of contract_forecast, as note_contract_forecasts takes them."""
        return [self._row(due) for due in self._dues if due.met]

    def _by_source(self, run: Run) -> dict[Source, list[SimulatedJob]]:
        jobs: dict[Source, list[SimulatedJob]] = {}
        for job in run.jobs:
            for source in (
                ("task", job.task, None),
                ("datasource", job.site, job.datasource),
                ("linked task", job.linked_task, None),
            ):
                if source in self._sources:
                    jobs.setdefault(source, []).append(job)
        return jobs

    def _met(self, due: Due, part: Part, jobs: list[SimulatedJob]) -> Met:
        if part.steps:
            return self._met_in_steps(due, part, jobs)
        counted = [job for job in jobs if due.types is None or job.type in due.types]
        ends = [
            (job.ended_at, number)
            for number, job in enumerate(counted)
            if self._succeeded(job) and job.began_at is not None and job.began_at >= due.after
        ]
        if ends:
            at, number = min(ends)
            return Met(at or 0, counted[number])
        return Met(inf, in_the_way(counted, due.after))

    def _met_in_steps(self, due: Due, part: Part, jobs: list[SimulatedJob]) -> Met:
        """Say when all steps of one run of a linked task have succeeded."""
        runs: dict[tuple[int | None, int | None], list[SimulatedJob]] = {}
        for job in sorted(jobs, key=lambda one: one.created_at):
            runs.setdefault((job.scheduled_at, job.number), []).append(job)
        met = []
        for steps in runs.values():
            first, last = steps[0], steps[-1]
            is_under_way = first.job is not None and part.began is not None
            began = part.began if is_under_way else first.began_at
            is_whole = last.task == part.steps[-1] if is_under_way else (
                len(steps) == len(part.steps)
            )  # fmt: skip
            if began is None or began < due.after:
                continue
            if is_whole and all(self._succeeded(step) for step in steps):
                met.append(Met(last.ended_at or 0, last))
        return min(met, key=lambda one: one.at, default=Met(inf, in_the_way(jobs, due.after)))

    def _succeeded(self, job: SimulatedJob) -> bool:
        ended = job.ended_at
        return job.outcome == "succeeded" and ended is not None and ended <= self.until

    def _row(self, due: Due) -> dict[str, Any]:
        met = sorted(due.met)
        late = None if due.due <= self._made_at else sum(at > due.due for at in met)
        ((job, task, scheduled), decided) = next(
            iter(due.deciders.most_common(1)), ((None, None, None), 0)
        )
        return {
            "contract": due.contract,
            "due": due.due,
            "runs": len(met),
            "late": late,
            "early": edge(met, 0.1),
            "median": edge(met, 0.5),
            "latest": edge(met, 0.9),
            "beyond": self.until,
            "job": job,
            "task": task,
            "scheduled": scheduled,
            "decided": decided,
        }


def read_dues(told: Mapping[str, Any]) -> list[Due]:
    """Return the due times of one contract, as contract_input has it."""
    types = told.get("types")
    return [
        Due(
            contract=told["id"],
            types=None if types is None else frozenset(types),
            due=due["due"],
            after=due["after"],
            parts=tuple(_part(told, part) for part in due["parts"]),
        )
        for due in told["dues"]
    ]


def decider_of(job: SimulatedJob) -> Decider:
    """Return what a job is known by in each run."""
    return (None, job.task, job.scheduled_at) if job.job is None else (job.job, job.task, None)


def in_the_way(jobs: Iterable[SimulatedJob], after: int) -> SimulatedJob | None:
    """Return the first job that could have brought the data, and did not within the horizon."""
    could = [job for job in jobs if job.began_at is None or job.began_at >= after]
    return min(could, key=lambda one: one.created_at, default=None)


def edge(met: Sequence[float], share: float) -> int | None:
    """Return when that share of the runs has met it, given all in order; None: not within them."""
    at = met[max(ceil(share * len(met)) - 1, 0)]
    return None if at == inf else int(at)


def _part(told: Mapping[str, Any], part: Mapping[str, Any]) -> Part:
    if "linked_task" in part:
        steps = tuple(part.get("steps") or (0,))
        return Part(("linked task", part["linked_task"], None), steps, part.get("began"))
    if "task" in part:
        return Part(("task", part["task"], None))
    return Part(("datasource", told["site"], told["datasource"]))
