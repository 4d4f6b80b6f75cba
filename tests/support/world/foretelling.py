"""What the simulation of the forecast says that a backgrounder gets, if it asks now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from pgdispatch.forecast.plan import Node
from pgdispatch.forecast.rules.dispatching import simulate
from pgdispatch.forecast.run import Fate, Subject
from pgdispatch.forecast.snapshot import read_plan
from support.sessions.verbs import Verbs

LONG = Fate(10**15)


class FirstStart:
    """Draws that let all run for ever, and remember what started first."""

    def __init__(self, running: Collection[int]) -> None:
        self.job: int | None = None
        self._running = running

    def attempt(self, subject: Subject, attempt: int, started_at: int, ran: int) -> Fate:
        """Say that it goes on."""
        del attempt, started_at, ran
        if subject.job not in self._running and self.job is None:
            self.job = subject.job
        return LONG


def foretell(verbs: Verbs, backgrounder: str, types: Collection[str] | None) -> int | None:
    """Return the job that a backgrounder gets that asks for some types now; None: none."""
    plan = read_plan(verbs.value("select pgdispatch.forecast_input(0)"))
    busy = Counter(job.node for job in plan.jobs if job.is_running)
    asking = backgrounder.partition(":")[0]
    plan = replace(
        plan,
        nodes=tuple(
            replace(_asked_for(node, types), backgrounders=busy[node.name] + 1)
            if node.name == asking
            else replace(node, backgrounders=busy[node.name])
            for node in plan.nodes
        ),
        schedules=tuple(replace(one, runs=(), firing=None) for one in plan.schedules),
    )
    start = FirstStart({job.id for job in plan.jobs if job.is_running})
    simulate(plan, start)
    return start.job


def _asked_for(node: Node, types: Collection[str] | None) -> Node:
    if types is None:
        return node
    taken = frozenset(types)
    return replace(node, types=taken if node.types is None else node.types & taken)
