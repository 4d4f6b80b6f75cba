"""Random acts on a world, for hypothesis: each compares the database with the model."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from support.model.jobs import RANKS, Job, Task
from support.model.model import Model
from support.sessions.clock import Clock
from support.sessions.verbs import Verbs
from support.world import checks, creation, edits
from support.world import strategies as draw
from support.world.world import NODES, World

T = TypeVar("T")
JUMPS = [0, 1, 59, 60, 300, 900, 3600, 7200, 90000]
INTERFERENCES = (
    "requeue", "lose", "lose", "cancel", "set_priority", "resume", "republish", "lose_node",
    "delete_task",
)  # fmt: skip


def pick(things: Collection[T], number: int) -> T:
    """Choose one of some things by a number that hypothesis drew."""
    return list(things)[number % len(things)]


class OrderMachine(RuleBasedStateMachine):
    """What people, programs, backgrounders and the clock do, in any order."""

    def __init__(
        self, verbs: Verbs, clock: Clock, *, limited: bool, foretold: bool = False
    ) -> None:
        super().__init__()
        self.world = World(verbs, clock, limited=limited, foretold=foretold)
        self.model: Model = self.world.model
        self.limited = limited

    @initialize(seed=st.integers(0, 2**20), size=st.integers(5, 40))
    def fill(self, seed: int, size: int) -> None:
        """Begin with a crowd at few gates, drawn as a whole: shrinking it would take for ever."""
        creation.fill(self.world, Random(seed), size)  # noqa: S311  # no secret

    @rule(inserted=draw.inserted)
    def insert(self, inserted: list[dict[str, Any]]) -> None:
        """Insert some jobs directly."""
        for columns in inserted:
            self.world.insert(**columns)

    @rule(count=st.integers(1, 4), task=draw.tasks, runs=draw.runs)
    def add_tasks(self, count: int, task: dict[str, Any], runs: list[tuple[int, int]]) -> None:
        """Add tasks of one schedule, so that its jobs compete within one batch."""
        for number in range(count):
            creation.add_task(self.world, runs=runs[number:], **task)

    @rule(linked_task=draw.linked_tasks)
    def add_linked_task(self, linked_task: dict[str, Any]) -> None:
        """Add a linked task, and start it by hand if no schedule does."""
        made = creation.add_linked_task(self.world, **linked_task)
        if made.schedule is None:
            creation.start_linked_by_hand(self.world, made)

    @rule(schedule=draw.schedules, seconds=st.sampled_from([-90, -60, -1, 0, 1, 59, 60, 61]))
    def fire(self, schedule: str, seconds: int) -> None:
        """Create the jobs of one scheduled time near now."""
        at = self.model.now + timedelta(seconds=seconds)
        creation.fire_by_hand(self.world, schedule, at)

    @rule(seconds=st.sampled_from(JUMPS))
    def tick(self, seconds: int) -> None:
        """Let time pass, and the clock turn until nothing is due."""
        self.world.advance(seconds)
        creation.tick(self.world)

    @rule(number=draw.picks, schedule=st.none() | st.none() | st.none() | draw.schedules)
    def start_by_hand(self, number: int, schedule: str | None) -> None:
        """Start a schedule, a linked task or a task by hand."""
        if schedule is not None:
            creation.start_schedule_by_hand(self.world, schedule)
        elif number % 3 == 0 and self.model.linked_tasks:
            which = pick(self.model.linked_tasks.values(), number // 3)
            creation.start_linked_by_hand(self.world, which)
        elif self.model.tasks:
            creation.start_by_hand(self.world, pick(self.model.tasks.values(), number))

    @precondition(lambda self: self.model.jobs)
    @rule(turns=draw.turns)
    def work(self, turns: list[draw.Turn]) -> None:
        """Let backgrounders work: each turn claims, or ends a job with or without a claim."""
        for turn in turns:
            self.take_turn(turn)

    def take_turn(self, turn: draw.Turn) -> None:
        """Let a backgrounder claim, or end what it runs."""
        number, takes, act = turn
        self.world.advance(number % 40 if number % 3 == 0 else 0)
        free, running = self.world.free(), self.model.running()
        asked = takes if self.limited else None
        if running and (act != "claim" or not free):
            job = pick(running, number)
            succeeded = act != "fail" and not self.is_unlucky(job)
            self.world.end(job, succeeded=succeeded, claim=number % 2 == 0, types=asked)
        elif free:
            self.world.claim(pick(free, number), asked)

    @staticmethod
    def is_unlucky(job: Job) -> bool:
        """Tell whether a job always fails; of some tasks all do, so that they are suspended."""
        return job.task is not None and job.task.id % 4 == 0

    def failing(self) -> list[Task]:
        """Return the tasks that failed the last time."""
        return [task for task in self.model.tasks.values() if task.streak]

    @precondition(lambda self: self.model.jobs)
    @rule(seed=st.integers(0, 2**20), count=st.integers(10, 60))
    def work_long(self, seed: int, count: int) -> None:
        """Work likewise for long, drawn as a whole, with the clock turning meanwhile."""
        random = Random(seed)  # noqa: S311  # no secret
        for _ in range(count):
            types = set(random.sample(sorted(RANKS), random.randrange(1, 8)))
            act = random.choice(["claim", "claim", "finish", "fail"])
            self.take_turn((random.randrange(1000), types, act))
            if random.random() < 0.05:
                self.world.advance(random.choice(JUMPS))
                creation.tick(self.world)

    @rule(number=draw.picks, priority=draw.priorities, act=st.sampled_from(INTERFERENCES))
    def interfere(self, number: int, priority: int, act: str) -> None:
        """Take a job back, cancel it, or move it; resume a task, or publish its data anew."""
        running, waiting = self.model.running(), self.model.waiting()
        tasks = self.model.tasks.values()
        with_data = [task for task in tasks if task.datasource]
        if act in ("requeue", "lose") and running:
            again = [job for job in running if job.losses]
            self.world.give_back(pick(again or running, number), is_loss=act == "lose")
        elif act == "cancel" and self.model.jobs:
            self.world.cancel(pick(self.model.jobs.values(), number))
        elif act == "set_priority" and waiting:
            self.world.set_priority(pick(waiting, number), priority)
        elif act == "lose_node":
            self.world.lose(pick(NODES, number))
        elif act == "delete_task" and tasks:
            edits.delete_task(self.world, pick(tasks, number))
        elif act == "resume" and tasks:
            edits.resume(self.world, pick(self.failing() or tasks, number))
        elif act == "republish" and with_data:
            edits.republish(self.world, pick(with_data, number))

    @rule(site=draw.sites, edit=draw.site_edits)
    def edit_site(self, site: str, edit: dict[str, Any]) -> None:
        """Change limits, budget, refill, or what becomes of the rest."""
        edits.edit_site(self.world, site=site, **edit)

    @rule(schedule=draw.schedules, edit=draw.schedule_edits)
    def edit_schedule(self, schedule: str, edit: dict[str, Any]) -> None:
        """Change when a schedule runs, and how."""
        edits.edit_schedule(self.world, schedule=schedule, **edit)

    @rule(number=draw.picks, task=draw.task_edits, linked_task=draw.linked_task_edits)
    def edit_task(self, number: int, task: dict[str, Any], linked_task: dict[str, Any]) -> None:
        """Change a task or a linked task."""
        if number % 4 == 0 and self.model.linked_tasks:
            which = pick(self.model.linked_tasks.values(), number // 4)
            edits.edit_linked_task(self.world, which, **linked_task)
        elif self.model.tasks:
            chosen = self.failing() if number % 2 else []
            edits.edit_task(self.world, pick(chosen or self.model.tasks.values(), number), **task)

    @rule(edit=draw.node_edits)
    def edit_node(self, edit: dict[str, Any]) -> None:
        """Change what a node takes; drain or resume it."""
        edits.edit_node(self.world, **edit)

    @rule(pauses=st.lists(draw.pauses, min_size=1, max_size=3))
    def pause(self, pauses: list[tuple[tuple[str, str | None], int | None, str]]) -> None:
        """Pause something, change until when, or end one of the pauses there are."""
        for which, seconds, act in pauses:
            if act == "pause":
                edits.pause(self.world, which, seconds)
            elif self.model.pauses:
                edits.end_pause(self.world, pick(self.model.pauses, seconds or 0))

    @rule(setting=draw.settings, site=draw.sites, type=draw.types, timeout=draw.timeouts)
    def edit_setting(self, *, setting: tuple[str, str], site: str, type: str,  # noqa: A002  # as elsewhere
                     timeout: int | None) -> None:  # fmt: skip
        """Change what holds for all, and a timeout of a site."""
        edits.edit_setting(self.world, name=setting[0], value=setting[1])
        edits.edit_site_timeout(self.world, site=site, type=type, timeout=timeout)
        edits.sum_charges(self.world)

    @rule()
    def look(self) -> None:
        """Compare what is recorded and shown, beyond the queue itself."""
        checks.check_reasons(self.world)
        checks.check_records(self.world)
        checks.check_budgets(self.world)
        checks.check_sweep(self.world)

    @invariant()
    def queue_is_as_in_the_model(self) -> None:
        """Compare each job; no gate is exceeded."""
        checks.check_jobs(self.world)
        checks.check_gates(self.world)

    def teardown(self) -> None:
        """Let everything run to its end: nothing is left, and the sweep finds nothing."""
        edits.open_everything(self.world)
        while self.model.jobs:
            free, running = self.world.free(), self.model.running()
            if free and any(map(self.model.is_eligible, self.model.waiting())):
                self.world.claim(free[0], None)
            elif running:
                self.world.end(running[0], succeeded=True, claim=True)
            else:
                self.world.advance(7200)
        checks.check_jobs(self.world)
        self.look()
