"""Attempts end: end_attempts, back_to_queue, charge_site and suspend (semantics §6, §7)."""

from __future__ import annotations

from pgdispatch.forecast.rules.entering import wait
from pgdispatch.forecast.rules.gates import Waiting
from pgdispatch.forecast.rules.linked_tasks import go_on
from pgdispatch.forecast.rules.places import longest_delay
from pgdispatch.forecast.rules.state import State
from pgdispatch.forecast.run import Fate

UNSPENT = ("given back", "not begun", "snoozed")  # they spend no retry
RETRIED = ("error", "retry", "killed", "timed out")


def end(state: State, job: Waiting) -> None:
    """End the attempt of a running job: the job ends with it, or waits again."""
    fate = job.fate
    desk = state.desks.get(job.node or "")
    if desk is not None:
        desk.free += 1
    job.group.site.charge(job.started_at, state.now - job.started_at)
    outcome = _outcome(state, job, fate)
    if outcome is None:
        _wait_again(state, job, fate)
    else:
        _archive(state, job, outcome)
        _count_outcome(state, job, outcome, fate)
        if job.told.linked_task is not None:
            go_on(state, job, outcome)
    state.queue.end(job)


def cancel_all(state: State) -> None:
    """Cancel the jobs that were met although the budget of their site is spent."""
    for job in state.cancelled:
        if job.told.task is not None:
            state.waiting_of[job.told.task] -= 1
        _archive(state, job, "cancelled")
    state.cancelled.clear()


def _outcome(state: State, job: Waiting, fate: Fate) -> str | None:
    """Return how the job ends; None: it is tried again."""
    how = fate.ended_as
    if how == "succeeded":
        return how
    if job.is_cancelled or how == "cancelled":
        return "cancelled"
    if how == "lost":
        job.losses += 1
        return None if job.losses < state.settings.max_losses else "failed"
    if how in UNSPENT or (how in RETRIED and job.failures + 1 < job.max_attempts):
        return None
    return "failed"


def _wait_again(state: State, job: Waiting, fate: Fate) -> None:
    """Take a job back to its old place, after a failure or a snooze later."""
    if fate.ended_as in RETRIED or fate.ended_as == "snoozed":
        pause = fate.retry_after
        if pause is None:
            pause = longest_delay(job.failures, state.settings) // 2
        job.not_before = state.now + pause
        job.failures += fate.ended_as in RETRIED
    if job.told.task is not None:
        state.waiting_of[job.told.task] += 1
    wait(state, job)


def _archive(state: State, job: Waiting, outcome: str) -> None:
    told = job.told
    told.ended_at, told.outcome = state.now, outcome
    if told.task is not None:
        state.jobs_of[told.task] -= 1
    if told.linked_task is not None:
        state.linked_jobs[told.linked_task] -= 1


def _count_outcome(state: State, job: Waiting, outcome: str, fate: Fate) -> None:
    """Let a success count for the historical run time, and a failure for the suspension."""
    task = state.tasks.get(job.told.task or 0)
    if task is None or outcome == "cancelled":
        return
    if outcome == "succeeded":
        if task.history_since is None or job.started_at >= task.history_since:
            state.usual(task).add(state.now, state.now - job.started_at)
        state.failures.pop(task.id, None)
        state.suspended.discard(task.id)
    elif fate.ended_as != "lost":
        failures = state.failures[task.id] = state.failures.get(task.id, 0) + 1
        if 0 <= state.settings.suspend_after <= failures:
            state.suspended.add(task.id)
