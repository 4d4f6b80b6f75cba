"""Changes that are known to come: of nodes, limits, schedules and tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pgdispatch.forecast.plan import Edit, LinkedTask, Node, Task
from pgdispatch.forecast.rules.state import EDIT, Desk, State


def edit(state: State, change: Edit) -> None:
    """Let a change take effect; all that waits is looked at anew."""
    EDITS[change.what](state, change)
    state.queue.begin_anew()


def expect_closings(state: State, node: Node) -> None:
    """Put down when windows close a node, and when they are over."""
    for edge in {at for closing in node.closings for at in closing if at > state.now}:
        state.expect(edge, EDIT, Edit(edge, "node", node.name, {}))


def _edit_node(state: State, change: Edit) -> None:
    desk = state.desks.get(str(change.name))
    if desk is None:
        values: dict[str, Any] = {"name": change.name, **(change.values or {"backgrounders": 0})}
        node = Node(**values)
        state.desks[node.name] = Desk(node, node.backgrounders)
        state.desks = dict(sorted(state.desks.items()))
    else:
        values = {"backgrounders": 0} if change.values is None else dict(change.values)
        node = replace(desk.node, **values)
        desk.free += node.backgrounders - desk.node.backgrounders
        desk.node = node
    if change.values and "closings" in change.values:
        expect_closings(state, state.desks[str(change.name)].node)
    state.set_lanes()


def _edit_site(state: State, change: Edit) -> None:
    values: dict[str, Any] = dict(change.values or {})
    site = replace(state.sites[str(change.name)], **values)
    state.sites[site.name] = site
    state.queue.sites[site.name].change(site)


def _edit_schedule(state: State, change: Edit) -> None:
    values: dict[str, Any] = dict(change.values or {})
    schedule = replace(state.schedules[str(change.name)], **values)
    state.schedules[schedule.name] = schedule
    state.queue.schedules[schedule.name].is_gate = schedule.is_serial


def _edit_task(state: State, change: Edit) -> None:
    """Change a task, which lifts its suspension and lets its failures count anew."""
    id_ = int(change.name)
    state.suspended.discard(id_)
    state.failures.pop(id_, None)
    if change.values is None:
        state.tasks.pop(id_, None)
    elif id_ in state.tasks:
        values: dict[str, Any] = dict(change.values)
        state.tasks[id_] = replace(state.tasks[id_], **values)
        if "history_since" in change.values:
            state.forget_usual(id_)
    else:
        values = {"id": id_, **change.values}
        state.tasks[id_] = Task(**values)
    state.tasks_of = dict(replace(state.plan, tasks=state.tasks).tasks_of)


def _edit_linked_task(state: State, change: Edit) -> None:
    id_ = int(change.name)
    if change.values is None:
        state.linked.pop(id_, None)
        return
    values: dict[str, Any] = dict(change.values)
    if id_ in state.linked:
        state.linked[id_] = replace(state.linked[id_], **values)
    else:
        state.linked[id_] = LinkedTask(id=id_, **values)


EDITS: dict[str, Callable[[State, Edit], None]] = {
    "node": _edit_node,
    "site": _edit_site,
    "schedule": _edit_schedule,
    "task": _edit_task,
    "linked task": _edit_linked_task,
}
