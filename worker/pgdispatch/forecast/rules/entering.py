"""A job comes into the queue, with what fill_job gives it (semantics §3, §4)."""

from __future__ import annotations

from dataclasses import dataclass

from pgdispatch.forecast.plan import Key, Kind, Task
from pgdispatch.forecast.rules.gates import Waiting
from pgdispatch.forecast.rules.places import queued_at, ties
from pgdispatch.forecast.rules.state import DUE, State
from pgdispatch.forecast.run import SimulatedJob, Subject


@dataclass(frozen=True, slots=True)
class Named:
    """What tells a new job apart from others of its task, and what it is a step of.

    `number`: of the arrival that it comes of; `step` and `run_now` are of a linked task's run.
    """

    scheduled_at: int | None = None
    number: int | None = None
    linked_task: int | None = None
    step: int = 0
    run_now: bool = False
    not_before: int | None = None


def create(state: State, kind: Kind, task: Task | None, key: Key, named: Named) -> Waiting:
    """Create a job, which waits from now on or from its time on."""
    type_ = state.types[kind.type]
    timeout = task.timeout if task is not None else None
    if timeout is None:
        timeout = state.sites[kind.site].timeouts.get(kind.type, type_.timeout)
    attempts = task.max_attempts if task is not None else None
    id_ = None if task is None else task.id
    told = SimulatedJob(None, id_, named.scheduled_at, *kind, named.linked_task, state.now)
    told.number = named.number
    subject = Subject(
        None,
        id_,
        named.scheduled_at,
        named.number,
        kind.type,
        kind.site,
        timeout,
        named.linked_task,
    )
    made = Waiting(
        told,
        subject,
        state.queue.group_of(kind),
        key,
        type_.max_attempts if attempts is None else attempts,
    )
    made.step, made.run_now, made.not_before = named.step, named.run_now, named.not_before
    note(state, made)
    wait(state, made)
    return made


def note(state: State, made: Waiting) -> None:
    """Count a job that has come into the queue, and tell of it."""
    task, linked = made.told.task, made.told.linked_task
    if task is not None:
        state.jobs_of[task] = state.jobs_of.get(task, 0) + 1
        state.waiting_of[task] = state.waiting_of.get(task, 0) + 1
    if linked is not None:
        state.linked_jobs[linked] = state.linked_jobs.get(linked, 0) + 1
    state.jobs.append(made.told)


def wait(state: State, job: Waiting) -> None:
    """Let a job wait, from its time on."""
    if job.not_before is not None and job.not_before > state.now:
        state.expect(job.not_before, DUE, job)
    else:
        state.queue.add(job)


def key_in_batch(state: State, task: Task, run: int, *, precedence: int, priority: int) -> Key:
    """Return the place of a job that a schedule makes now for one of its times."""
    usual = state.usual(task).seconds(state.now - state.settings.history)
    first, second = ties(usual, task.since, state.settings)
    at = queued_at(state.now, run, state.settings.batch)
    state.last_id += 1
    rank = state.types[task.type].rank
    return (precedence, priority, at, rank, first, second, state.last_id)


def key_now(state: State, *, precedence: int, priority: int) -> Key:
    """Return the place of a job that no schedule makes."""
    state.last_id += 1
    return (precedence, priority, state.now, -1, 0.0, 0.0, state.last_id)
