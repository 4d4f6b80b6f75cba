"""People and applications start and insert jobs: run_now, and plain inserts."""

from __future__ import annotations

from pgdispatch.forecast.plan import Kind, Task
from pgdispatch.forecast.rules.entering import Named, create, key_now
from pgdispatch.forecast.rules.linked_tasks import start_step
from pgdispatch.forecast.rules.places import default_priority
from pgdispatch.forecast.rules.state import State
from pgdispatch.forecast.run import Arrival


def arrive(state: State, number: int, arrival: Arrival) -> None:
    """Let somebody start or insert a job; what would be refused does not come."""
    if arrival.linked_task is not None:
        _start_linked_task(state, number, arrival.linked_task)
    elif arrival.task is None:
        _insert(state, number, arrival, None)
    elif (task := state.tasks.get(arrival.task)) is not None:
        is_refused = arrival.run_now and (
            state.jobs_of.get(task.id, 0) > 0 or not state.sites[task.site].run_now_enabled
        )
        if not is_refused:
            _insert(state, number, arrival, task)


def _start_linked_task(state: State, number: int, id_: int) -> None:
    linked = state.linked.get(id_)
    if (
        linked is not None
        and state.sites[linked.site].run_now_enabled
        and not state.linked_jobs.get(id_)
    ):
        start_step(state, linked, Named(number=number, run_now=True))


def _insert(state: State, number: int, arrival: Arrival, task: Task | None) -> None:
    name, data = arrival.schedule, arrival.datasource
    if task is not None:
        name = task.schedule if name is None else name
        data = task.datasource if data is None else data
    kind = (
        Kind(arrival.type, arrival.site, data, name)
        if task is None
        else Kind(task.type, task.site, data, name)
    )
    type_ = state.types[kind.type]
    is_first = arrival.run_now and type_.run_now_first
    priority = arrival.priority
    if priority is None:
        schedule = state.schedules.get(name) if name is not None else None
        priority = default_priority(type_, task, schedule, is_first=is_first)
    key = key_now(state, precedence=0 if is_first else 1, priority=priority)
    create(state, kind, task, key, Named(number=number, not_before=arrival.not_before))
