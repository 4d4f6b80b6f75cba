"""The steps of linked tasks: start_step and end_step (semantics §6)."""

from __future__ import annotations

from pgdispatch.forecast.plan import Kind, LinkedTask, Task
from pgdispatch.forecast.rules.entering import Named, create, key_in_batch, key_now
from pgdispatch.forecast.rules.gates import Waiting
from pgdispatch.forecast.rules.state import State


def start_step(state: State, linked: LinkedTask, run: Named, *, after: int = 0) -> bool:
    """Create the job of the next step of a run that can run; tell whether there is one."""
    for step in linked.steps:
        if step.step <= after:
            continue
        task = state.tasks.get(step.task)
        if task is not None and task.enabled and task.id not in state.suspended:
            named = Named(run.scheduled_at, run.number, linked.id, step.step, run.run_now)
            _create_step(state, linked, task, named, is_first=after == 0)
            return True
        if step.stop_on_failure:
            break
    return False


def go_on(state: State, job: Waiting, outcome: str) -> None:
    """Start the step after one that has ended, if its outcome lets the run go on."""
    linked = state.linked.get(job.told.linked_task or 0)
    if linked is None or outcome not in ("succeeded", "failed"):
        return
    stops = next((s.stop_on_failure for s in linked.steps if s.step == job.step), True)
    if outcome == "succeeded" or not stops:
        run = Named(job.told.scheduled_at, job.subject.number, run_now=job.run_now)
        start_step(state, linked, run, after=job.step)


def _create_step(
    state: State, linked: LinkedTask, task: Task, named: Named, *, is_first: bool
) -> None:
    """Create the job of a step: only the first has a place in the batch of the scheduled time."""
    precedence = 0 if named.run_now and state.types[task.type].run_now_first else 1
    priority = linked.priority or 0
    if is_first and named.scheduled_at is not None:
        run = named.scheduled_at
        key = key_in_batch(state, task, run, precedence=precedence, priority=priority)
    else:
        key = key_now(state, precedence=precedence, priority=priority)
    kind = Kind(task.type, task.site, task.datasource, linked.schedule)
    create(state, kind, task, key, named)
