"""Compares what the simulation says of an installation with what happened there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pgdispatch.forecast.plan import Pause, Plan
from pgdispatch.forecast.rules.dispatching import simulate
from pgdispatch.forecast.run import Fate, Run, SimulatedJob, Subject
from pgdispatch.forecast.snapshot import read_plan
from simulation.oracle.truth import Name, Start, Truth, instant, micros

JOBS = """
select q.id, q.task, coalesce(q.scheduled_at, r.scheduled_at), r.linked_task, q.linked_run,
    q.outcome, q.ended_at
from (
    select id, task, scheduled_at, linked_run, outcome, ended_at from pgdispatch.job_history
    union all
    select id, task, scheduled_at, linked_run, null, null from pgdispatch.job
) as q
left join pgdispatch.linked_run as r on r.id = q.linked_run
"""
INPUT = "select pgdispatch.forecast_input(12)"
SKIPPED = """
select task, scheduled_at, skipped_for, null::bigint
from pgdispatch.occurrence
where skipped_for is not null
union all
select
    coalesce((
        select s.task from pgdispatch.linked_task_step as s
        where s.linked_task = r.linked_task
        order by s.step
        limit 1
    ), 0),
    r.scheduled_at, r.skipped_for, r.linked_task
from pgdispatch.linked_run as r
where r.skipped_for is not null
    and r.scheduled_at is not null
"""


class Astray(Exception):  # noqa: N818  # it is what the test is for
    """The simulation starts what never started."""


SEEN = """
select coalesce(failed_as, outcome) from pgdispatch.job_history
union
select ended_as from pgdispatch.attempt
union
select 'over budget' from pgdispatch.job_history where cancelled_by = 'pgdispatch'
union
select 'skipped: ' || skipped_for from pgdispatch.occurrence where skipped_for is not null
union
select 'skipped, linked: ' || skipped_for from pgdispatch.linked_run where skipped_for is not null
union
select 'parked: ' || split_part(gate, '/', 1)
from pgdispatch.job_history
cross join unnest(parked_gates) as gate
union
select 'a later step' from pgdispatch.job_history
where linked_run is not null
group by linked_run
having count(*) > 1
union
select 'added late' from pgdispatch.job_history
where created_at > scheduled_at + interval '1 minute'
union
select 'promoted' from pgdispatch.job_history where promoted_at is not null
"""
Skip = tuple[int, int, str, int | None]


@dataclass(frozen=True)
class Look:
    """What was known at an instant, and the times that had been skipped by then."""

    document: Mapping[str, Any]
    skipped: frozenset[Skip]


@dataclass(frozen=True)
class History:
    """What happened, read when all is over: ends as (instant, job, outcome), and skips.

    `seen`: what kinds of things have happened.
    """

    ends: list[tuple[int, Name, str]]
    skips: list[tuple[int, Skip]]
    names: Mapping[int, Name]
    seen: frozenset[str]


@dataclass(frozen=True)
class Judgement:
    """How one simulation compares with the truth."""

    starts: int
    ends: int
    skips: int
    differences: list[str]


class Known:
    """The draws of somebody who knows how each attempt went. `starts`: what was asked for."""

    def __init__(self, truth: Truth, history: History, first_arrival: int, plan: Plan) -> None:
        self.starts: list[Start] = []
        self._truth, self._history, self._first = truth, history, first_arrival
        self._running = {job.id for job in plan.jobs if job.is_running}
        self._under_way = {  # runs of linked tasks that somebody has started before
            job.linked_task: history.names[job.id][3] for job in plan.jobs if job.linked_task
        }

    def name(self, of: Subject | SimulatedJob) -> Name:
        """Return the name that the truth has for a job."""
        if of.job is not None:
            return self._history.names[of.job]
        number = None if of.number is None else of.number + self._first
        started_by: object = number
        if number is None and of.scheduled_at is None and of.linked_task is not None:
            started_by = self._under_way[of.linked_task]
        return (of.task, of.scheduled_at, of.linked_task, started_by)

    def attempt(self, subject: Subject, attempt: int, started_at: int, ran: int) -> Fate:
        """Say how an attempt went."""
        name = self.name(subject)
        if ran or subject.job in self._running:
            self._running.discard(subject.job or 0)
        else:
            self.starts.append(Start(started_at, name, attempt))
        fate = self._truth.fates.get((name, attempt))
        if fate is None:
            raise Astray(f"attempt {attempt} of {name} starts at {instant(started_at)}")
        return fate


def read_history(truth: Truth) -> History:
    """Read what has become of all jobs and scheduled times."""
    rows = truth.session.rows(JOBS)
    names = {row[0]: truth.name(*row[:5]) for row in rows}
    ends = [(micros(row[6]), names[row[0]], row[5]) for row in rows if row[6] is not None]
    skips = [(truth.served_at(skip[1]), skip) for skip in _skipped(truth)]
    seen = frozenset(kind for (kind,) in truth.session.rows(SEEN))
    return History(ends, skips, names, seen)


def look(truth: Truth) -> Look:
    """Read what is known now."""
    return Look(truth.session.value(INPUT), frozenset(_skipped(truth)))


def _skipped(truth: Truth) -> list[Skip]:
    return [
        (task, micros(at), why, linked) for task, at, why, linked in truth.session.rows(SKIPPED)
    ]


def judge(truth: Truth, history: History, known_then: Look, *, until: int) -> Judgement:
    """Simulate what was known at an instant up to another, and compare all that starts and ends."""
    plan = _in_hindsight(truth, read_plan(known_then.document), until)
    made_at = plan.made_at
    first = next((n for n, a in enumerate(truth.arrivals) if a.at >= made_at), len(truth.arrivals))
    right = [start for start in truth.starts if made_at <= start.at <= until]
    known = Known(truth, history, first, plan)
    try:
        run = simulate(plan, known, truth.arrivals[first:])
    except Astray as astray:
        return Judgement(len(right), 0, 0, [*_differences(right, known.starts), str(astray)])
    ends = sorted((end for end in history.ends if made_at <= end[0] <= until), key=repr)
    skips = sorted(
        (
            skip
            for at, skip in history.skips
            if (made_at <= at or skip[2] == "closed")  # that is recorded with the next time
            and at <= until
            and skip not in known_then.skipped
        ),
        key=repr,
    )
    found = _ends(run, known)
    differences = [
        *_differences(right, known.starts),
        *_differences(ends, found),
        *_differences(skips, _skips(run)),
    ]
    return Judgement(len(right), len(ends), len(skips), differences)


def _in_hindsight(truth: Truth, plan: Plan, until: int) -> Plan:
    """Tell a plan what nobody could know: changes, pauses to come, and what ended them."""
    known = {(pause.scope, pause.name) for pause in plan.pauses}
    coming = [pause for pause in truth.pauses if pause.begins >= plan.made_at]
    assert all((p.scope, p.name) not in known or p.begins >= plan.made_at for p in coming)
    pauses: tuple[Pause, ...] = (*plan.pauses, *coming)
    edits = tuple(edit for edit in truth.edits if edit.at >= plan.made_at)
    return replace(plan, until=until, pauses=pauses, edits=edits)


def _ends(run: Run, known: Known) -> list[tuple[int, Name, str]]:
    found = [
        (job.ended_at, known.name(job), job.outcome or "")
        for job in run.jobs
        if job.ended_at is not None
    ]
    return sorted(found, key=repr)


def _skips(run: Run) -> list[Skip]:
    found = [(skip.task, skip.scheduled_at, skip.reason, skip.linked_task) for skip in run.skipped]
    return sorted(found, key=repr)


def _differences(right: list[Any], found: list[Any]) -> list[str]:
    """Tell where two lists differ: the first place, and what only one of them has."""
    if right == found:
        return []
    place = next(
        (n for n, (a, b) in enumerate(zip(right, found, strict=False)) if a != b),
        min(len(right), len(found)),
    )
    missing = [one for one in right if one not in found]
    wrong = [one for one in found if one not in right]
    return [
        f"from place {place} of {len(right)} and {len(found)} on: "
        f"right {right[place : place + 2]}, simulated {found[place : place + 2]}; "
        f"missing {missing[:3]}, too many {wrong[:3]}",
    ]
