"""Schedules are fired: fire_runs and fire_linked_tasks (semantics §6)."""

from __future__ import annotations

from collections.abc import Sequence

from pgdispatch.forecast.plan import Firing, Kind, LinkedTask, Schedule, Task
from pgdispatch.forecast.rules.entering import Named, create, key_in_batch
from pgdispatch.forecast.rules.linked_tasks import start_step
from pgdispatch.forecast.rules.places import default_priority
from pgdispatch.forecast.rules.state import FIRE, State
from pgdispatch.forecast.run import Skipped


def expect_fires(state: State) -> None:
    """Put down when the schedules are fired; those that are due at once come first."""
    for schedule in state.plan.schedules:
        if schedule.firing is not None:
            state.expect(max(schedule.firing.at, state.now), FIRE, (schedule.name, None))
    coming = sorted((run, one.id, one.name) for one in state.plan.schedules for run in one.runs)
    for run, _, name in coming:
        state.expect(run, FIRE, (name, run))


def fire(state: State, name: str, run: int | None) -> None:
    """Fire a schedule for one of its times, or (None) for what it is to be fired for at first."""
    schedule = state.schedules.get(name)
    if schedule is None:
        return
    if run is not None and run not in schedule.runs:
        return  # it was changed meanwhile
    firing = schedule.firing if run is None else _coming(state, schedule, run)
    if firing is None:
        return
    state.recorded[name] = state.now
    if firing.after_task is not None:
        _fire_tasks(state, schedule, firing, firing.after_task)
    if firing.after_linked_task is not None:
        for linked in sorted(state.linked.values(), key=lambda one: one.id):
            if linked.schedule == name and linked.enabled and linked.id > firing.after_linked_task:
                _fire_linked_task(state, linked, schedule, firing)


def _coming(state: State, schedule: Schedule, run: int) -> Firing:
    """Return what a coming time is fired with: the times that windows have swallowed before it."""
    since = state.recorded.get(schedule.name, 0)
    return Firing(state.now, (run,), tuple(at for at in schedule.closed if since < at < run))


def _fire_tasks(state: State, schedule: Schedule, firing: Firing, after: int) -> None:
    """Create the jobs; whether one of the task still waits is seen as it was before."""
    tasks = [task for task in state.tasks_of.get(schedule.name, ()) if task.id > after]
    waiting = {task.id for task in tasks if state.waiting_of.get(task.id)}
    for run in sorted({*firing.runs, *firing.missed}):
        is_missed = run in firing.missed
        for task in tasks:
            served = state.served.get((task.id, run))
            if served is False or (is_missed and (served or run < task.enabled_at)):
                continue
            reason = _missed(schedule, run) if is_missed else _reason(state, task, waiting)
            if reason is None:
                _create(state, task, schedule, run)
            else:
                state.skipped.append(Skipped(task.id, run, reason))


def _missed(schedule: Schedule, run: int) -> str:
    return "closed" if run in schedule.closed else "missed"


def _reason(state: State, task: Task, waiting: set[int]) -> str | None:
    if task.id in state.suspended:
        return "suspended"
    return "waiting" if task.id in waiting else None


def _create(state: State, task: Task, schedule: Schedule, run: int) -> None:
    type_ = state.types[task.type]
    priority = default_priority(type_, task, schedule, is_first=False)
    key = key_in_batch(state, task, run, precedence=1, priority=priority)
    kind = Kind(task.type, task.site, task.datasource, schedule.name)
    create(state, kind, task, key, Named(run))


def _fire_linked_task(state: State, linked: LinkedTask, schedule: Schedule, firing: Firing) -> None:
    """Start a linked task, one run at a time."""
    for run in sorted(firing.missed):
        if run >= linked.enabled_at and (linked.id, run) not in state.linked_served:
            _skip(state, linked, run, _missed(schedule, run))
    for run in firing.runs:
        if state.linked_served.get((linked.id, run)) is False:
            continue
        if state.linked_jobs.get(linked.id):
            _skip(state, linked, run, "waiting")
        elif not start_step(state, linked, Named(run)):
            _skip(state, linked, run, "suspended")


def _skip(state: State, linked: LinkedTask, run: int, reason: str) -> None:
    task: Sequence[int] = [step.task for step in linked.steps[:1]]
    state.skipped.append(Skipped(task[0] if task else 0, run, reason, linked.id))
