"""Jobs start, and what runs at the beginning goes on (semantics §7)."""

from __future__ import annotations

from pgdispatch.forecast.plan import Kind, QueuedJob
from pgdispatch.forecast.rules.entering import note
from pgdispatch.forecast.rules.gates import Waiting
from pgdispatch.forecast.rules.state import DUE, END, Desk, State
from pgdispatch.forecast.run import Fate, SimulatedJob, Subject


def take_in(state: State) -> None:
    """Take in the jobs that wait or run at the beginning."""
    waiting: list[Waiting] = []
    running: list[Waiting] = []
    for job, kind, subject in state.plan.known:
        made = _taken_in(state, job, kind, subject)
        if job.is_running:
            made.node, made.started_at = job.node, job.started_at or state.now
            running.append(made)
        elif job.not_before is not None and job.not_before > state.now:
            state.expect(job.not_before, DUE, made)
        else:
            waiting.append(made)
    state.queue.fill(waiting)
    running.sort(key=lambda made: (made.started_at, made.node or "", made.key))
    for made in running:  # as they have started
        _go_on(state, made)


def start(state: State, job: Waiting, desk: Desk) -> None:
    """Let a job that was taken from the queue start on a node."""
    job.node = desk.node.name
    job.attempt += 1
    job.started_at = state.now
    _run(state, job, desk, ran=0)


def _taken_in(state: State, job: QueuedJob, kind: Kind, subject: Subject) -> Waiting:
    told = SimulatedJob(
        job.id, job.task, job.scheduled_at, *kind, job.linked_task, job.created_at,
        job.first_started_at,
    )  # fmt: skip
    made = Waiting(told, subject, state.queue.group_of(kind), job.key, job.max_attempts)
    made.attempt, made.failures, made.losses = job.attempt, job.failures, job.losses
    made.is_cancelled, made.run_now = job.is_cancelled, job.run_now
    made.not_before, made.step = job.not_before, job.step or 0
    note(state, made)
    return made


def _go_on(state: State, job: Waiting) -> None:
    """Let a job go on that runs at the beginning; one that nobody holds is lost at once."""
    desk = state.desks.get(job.node or "")
    if desk is not None:
        _run(state, job, desk, ran=max(state.now - job.started_at, 0))
        return
    _occupy(state, job)
    job.fate = Fate(max(state.now - job.started_at, 0), "lost")
    state.expect(state.now, END, job)


def _run(state: State, job: Waiting, desk: Desk, *, ran: int) -> None:
    """Put down when the attempt ends: as drawn, at its limit, or with a drain that has an end."""
    desk.free -= 1
    _occupy(state, job)
    fate = state.draws.attempt(job.subject, job.attempt, job.started_at, ran)
    timeout = job.subject.timeout
    if timeout is not None and fate.micros > timeout + state.settings.grace:
        fate = Fate(timeout + state.settings.grace, "timed out", fate.retry_after)
    end = max(job.started_at + fate.micros, state.now)
    drained_at = desk.node.drain_ends_at
    if desk.node.is_drained and drained_at is not None and end > drained_at:
        end = max(drained_at, state.now)
        fate = Fate(end - job.started_at, "given back")
    job.fate = fate
    state.expect(end, END, job)


def _occupy(state: State, job: Waiting) -> None:
    told = job.told
    told.began_at = job.started_at
    if told.started_at is None:
        told.started_at = job.started_at
    if told.task is not None:
        state.waiting_of[told.task] -= 1
    state.queue.start(job)
