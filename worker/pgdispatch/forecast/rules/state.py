"""What a simulation has in hand: the time, what is to come, who is idle, and what was told."""

from __future__ import annotations

from heapq import heappush
from typing import Any

from pgdispatch.forecast.plan import LinkedTask, Node, Plan, Schedule, Task
from pgdispatch.forecast.rules.gates import Waiting
from pgdispatch.forecast.rules.places import Usual
from pgdispatch.forecast.rules.queueing import Queue
from pgdispatch.forecast.run import Draws, SimulatedJob, Skipped

EDIT, PAUSE, REFILL, FIRE, DUE, ARRIVE, END = range(7)  # what happens first at one instant


class Desk:
    """A node and how many of its backgrounders are idle; below 0: more run than shall."""

    __slots__ = ("free", "lanes", "node")

    def __init__(self, node: Node, free: int) -> None:
        self.node = node
        self.free = free
        self.lanes: tuple[int, ...] = ()


class State:
    """The state of a simulation. All that changes is here or in its queue and jobs."""

    def __init__(self, plan: Plan, draws: Draws) -> None:
        self.plan = plan
        self.draws = draws
        self.now = plan.made_at
        self.settings, self.types = plan.settings, plan.types
        self.sites = dict(plan.sites)
        self.schedules: dict[str, Schedule] = {one.name: one for one in plan.schedules}
        self.tasks: dict[int, Task] = dict(plan.tasks)
        self.tasks_of = dict(plan.tasks_of)
        self.linked: dict[int, LinkedTask] = {one.id: one for one in plan.linked_tasks}
        self.pauses = plan.pauses
        self.queue = Queue(plan.sites, {one.name: one.is_serial for one in plan.schedules})
        self.desks = {
            node.name: Desk(node, node.backgrounders)
            for node in sorted(plan.nodes, key=lambda node: node.name)
        }
        self.set_lanes()
        self.jobs: list[SimulatedJob] = []
        self.skipped: list[Skipped] = []
        self.cancelled: list[Waiting] = []
        self.served, self.linked_served = dict(plan.served), dict(plan.linked_served)
        self.waiting_of: dict[int, int] = {}  # by task: jobs that wait
        self.jobs_of: dict[int, int] = {}  # by task: jobs that wait or run
        self.linked_jobs: dict[int, int] = {}  # by linked task, likewise
        self.failures = {one.id: one.failures for one in plan.tasks.values() if one.failures}
        self.suspended = {one.id for one in plan.tasks.values() if one.is_suspended}
        self.recorded: dict[str, int] = {}  # by schedule: up to when closed times are recorded
        self.last_id = max((job.id for job in plan.jobs), default=0)
        self.events: list[tuple[int, int, int, Any]] = []
        self._usual: dict[int, Usual] = {}
        self._number = 0

    def expect(self, at: int, kind: int, what: object) -> None:
        """Let something happen at an instant, after what was put down before for the same one."""
        self._number += 1
        heappush(self.events, (at, kind, self._number, what))

    def set_lanes(self) -> None:
        """Work out anew which types the nodes take."""
        nodes = (desk.node.at(self.now) for desk in self.desks.values())
        lanes = self.queue.set_lanes(nodes, self.types)
        for name, desk in self.desks.items():
            desk.lanes = lanes.get(name, ())

    def usual(self, task: Task) -> Usual:
        """Return the historical run time of a task."""
        found = self._usual.get(task.id)
        if found is None:
            found = self._usual[task.id] = Usual(task)
        return found

    def forget_usual(self, task: int) -> None:
        """Let a task begin anew, with the history that it has from now on."""
        self._usual.pop(task, None)
