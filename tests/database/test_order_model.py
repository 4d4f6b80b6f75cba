"""SQL dispatches exactly what semantics.md §3 to §5.4 says, whatever happens in whatever order."""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from support.clock import Clock
from support.model import READS_SCHEDULE, Job, Model
from support.strategies import (
    Turn,
    datasources,
    inserted,
    picks,
    priorities,
    runs,
    schedules,
    sites,
    turns,
    types,
)
from support.verbs import Verbs
from support.world import LIMITS, World

EFFORT = {"default": (60, 50), "long": (3000, 80)}
EXCEEDED = """
select site, datasource
from pgdispatch.job where state = 'running' and datasource is not null
group by 1, 2 having count(*) > 1
union all
select schedule, 'serial'
from pgdispatch.job where state = 'running' and is_serial
group by 1 having count(*) > 1
"""


class OrderMachine(RuleBasedStateMachine):
    """Random acts on a world; each compares the database with the model."""

    def __init__(self, verbs: Verbs, clock: Clock, *, limited: bool) -> None:
        super().__init__()
        self.world = World(verbs, clock)
        self.model: Model = self.world.model
        self.limited = limited

    def pick(self, jobs: Collection[Job], number: int) -> Job:
        """Choose one of the jobs by a number that hypothesis drew."""
        return list(jobs)[number % len(jobs)]

    @initialize(seed=st.integers(0, 2**20), size=st.integers(5, 40))
    def fill(self, seed: int, size: int) -> None:
        """Begin with a crowd at few gates, drawn as a whole: shrinking it would take for ever."""
        self.world.fill(Random(seed), size)  # noqa: S311  # no secret

    @rule(inserted=inserted)
    def insert(self, inserted: list[dict[str, Any]]) -> None:
        """Insert some jobs directly."""
        for columns in inserted:
            self.world.insert(**columns)

    @rule(
        count=st.integers(1, 4),
        type=types,
        site=sites,
        datasource=datasources,
        schedule=schedules,
        runs=runs,
    )
    def add_tasks(
        self,
        *,
        count: int,
        type: str,  # noqa: A002  # the column's name
        site: str,
        datasource: str | None,
        schedule: str,
        runs: list[tuple[int, int]],
    ) -> None:
        """Add tasks of one schedule, so that its jobs compete within one batch."""
        for number in range(count):
            self.world.add_task(
                type=type, site=site, datasource=datasource, schedule=schedule, runs=runs[number:]
            )

    @rule(schedule=schedules, seconds=st.sampled_from([-90, -60, -1, 0, 1, 59, 60, 61]))
    def fire(self, schedule: str, seconds: int) -> None:
        """Create the jobs of one scheduled time near now."""
        self.world.fire(schedule, self.model.now + timedelta(seconds=seconds))

    @precondition(lambda self: self.model.tasks)
    @rule(number=picks)
    def run_now(self, number: int) -> None:
        """Start a task by hand."""
        tasks = list(self.model.tasks.values())
        self.world.run_now(tasks[number % len(tasks)])

    @precondition(lambda self: self.model.jobs)
    @rule(turns=turns)
    def work(self, turns: list[Turn]) -> None:
        """Let backgrounders work: each turn claims, or ends a job with or without a claim."""
        for number, takes, act in turns:
            self.world.advance(number % 40 if number % 3 == 0 else 0)
            free, running = self.world.free(), self.model.running()
            if running and (act != "claim" or not free):
                self.world.end(
                    self.pick(running, number),
                    succeeded=act != "fail",
                    claim=number % 2 == 0,
                )
            elif free:
                self.world.claim(free[number % len(free)], takes if self.limited else None)

    @precondition(lambda self: self.model.running())
    @rule(number=picks)
    def requeue(self, number: int) -> None:
        """Take a running job back."""
        job = self.pick(self.model.running(), number)
        self.world.verbs.requeue(job.id)
        self.model.requeue(job)

    @precondition(lambda self: self.model.jobs)
    @rule(number=picks)
    def cancel(self, number: int) -> None:
        """Cancel a job, waiting or running."""
        self.world.cancel(self.pick(self.model.jobs.values(), number))

    @precondition(lambda self: self.model.waiting())
    @rule(number=picks, priority=priorities)
    def set_priority(self, number: int, priority: int) -> None:
        """Give a waiting job another priority."""
        job = self.pick(self.model.waiting(), number)
        self.world.verbs.set_priority(job.id, priority)
        job.priority = priority

    @precondition(lambda self: self.model.tasks)
    @rule(number=picks, priority=priorities)
    def change_task(self, number: int, priority: int) -> None:
        """Give a task another priority, where it has one; else disable or enable it."""
        task = list(self.model.tasks.values())[number % len(self.model.tasks)]
        if task.type in READS_SCHEDULE:
            task.enabled = not task.enabled
            task.enabled_at = self.model.now if task.enabled else task.enabled_at
        else:
            task.priority = priority
        self.world.verbs.run(
            "update pgdispatch.task set priority = %s, enabled = %s where id = %s",
            task.priority, task.enabled, task.id,
        )  # fmt: skip

    @precondition(lambda self: any(task.datasource for task in self.model.tasks.values()))
    @rule(number=picks)
    def republish(self, number: int) -> None:
        """Publish a datasource anew."""
        with_data = [task for task in self.model.tasks.values() if task.datasource]
        task = with_data[number % len(with_data)]
        query = "select pgdispatch.republish(%s, %s)"
        count = self.world.verbs.value(query, task.site, task.datasource)

        assert count == self.model.republish(task.site, str(task.datasource))

    @rule(site=sites, limit=st.sampled_from([None, 0, 1, 2, 3]))
    def set_limit(self, site: str, limit: int | None) -> None:
        """Change the limit of a site."""
        self.world.verbs.limit(site, limit)
        self.model.limits[site] = limit

    @rule(schedule=schedules, priority=priorities, is_serial=st.booleans())
    def change_schedule(self, schedule: str, priority: int, is_serial: bool) -> None:
        """Give a schedule another priority and execution."""
        execution = "serial" if is_serial else "parallel"
        self.world.verbs.run(
            "update pgdispatch.schedule set priority = %s, execution = %s where name = %s",
            priority, execution, schedule,
        )  # fmt: skip
        self.model.schedules[schedule].priority = priority
        self.model.schedules[schedule].is_serial = is_serial

    @rule(tie_break=st.sampled_from(["history", "created"]))
    def set_tie_break(self, tie_break: str) -> None:
        """Swap the fifth and sixth criterion."""
        self.world.verbs.run(
            "update pgdispatch.setting set value = %s where name = 'tie_break'", tie_break
        )
        self.model.tie_break = tie_break

    @invariant()
    def no_gate_is_exceeded(self) -> None:
        """Look at the running jobs themselves."""
        assert self.world.verbs.rows(EXCEEDED) == []

    @rule()
    def look(self) -> None:
        """Compare the view queue with the model."""
        self.world.check_queue()

    def teardown(self) -> None:
        """Let everything run to its end: nothing is left, and the sweep finds nothing."""
        for site in LIMITS:
            if self.model.limits[site] == 0:
                self.set_limit(site, 1)
        self.world.advance(7200)
        while self.model.jobs:
            if self.world.free() and self.model.choose():
                self.world.claim(self.world.free()[0], None)
            else:
                self.world.end(self.model.running()[0], succeeded=True, claim=True)

        assert self.world.verbs.value("select count(*) from pgdispatch.job") == 0
        assert self.world.verbs.sweep() == 0


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("limited", [False, True], ids=["all types", "some types"])
def test_sql_chooses_what_the_model_chooses(verbs: Verbs, clock: Clock, limited: bool) -> None:
    """The model is the specification; hypothesis looks for a story in which SQL differs."""
    examples, steps = EFFORT[os.environ.get("HYPOTHESIS_PROFILE", "default")]
    shrink = [Phase.shrink] if examples > EFFORT["default"][0] else []
    verbs.register()
    if limited:
        verbs.register("few", types=["flow"])
    verbs.run("update pgdispatch.node set heartbeat_at = 'infinity'")

    run_state_machine_as_test(
        lambda: OrderMachine(verbs, clock, limited=limited),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=examples == EFFORT["default"][0],
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate, *shrink],
        ),
    )
