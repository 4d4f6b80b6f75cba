"""Tasks and linked tasks, and what starts them: each act is done to the database and the model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import psycopg

from support.model.creation import (
    fire,
    job_of_linked,
    run_now,
    run_now_schedule,
    start_linked,
)
from support.model.jobs import RANKS, Task
from support.model.linked_tasks import LinkedTask, Step
from support.model.schedules import RECURRENCES, Schedule
from support.world.edits import edit_schedule, edit_site
from support.world.world import LIMITS, SCHEDULES, Disagreement, World, compare


def add_task(
    world: World,
    *,
    type: str,  # noqa: A002  # the column's name
    site: str,
    datasource: str | None,
    schedule: str | None,
    runs: Sequence[tuple[int, int]] = (),
    timeout: int | None = None,
    max_attempts: int | None = None,
) -> Task:
    """Add a task with past runs: (hours ago, seconds)."""
    model = world.model
    longest = None if timeout is None else timedelta(seconds=timeout)
    made = world.verbs.task(
        type, site=site, datasource=datasource, schedule=schedule, timeout=longest,
        max_attempts=max_attempts,
    )  # fmt: skip
    task = Task(
        id=made, type=type, site=model.sites[site], datasource=datasource,
        schedule=model.schedules.get(schedule or ""), priority=None, created_at=model.now,
        enabled_at=model.now, timeout=longest, max_attempts=max_attempts,
    )  # fmt: skip
    task.priority = task.priority_of_schedule()
    model.tasks[made] = task
    for hours, seconds in runs:
        _remember(world, task, model.now - timedelta(hours=hours), seconds)
    return task


def add_linked_task(
    world: World,
    *,
    site: str,
    schedule: str | None,
    priority: int | None,
    steps: Sequence[tuple[int, bool]],
) -> LinkedTask:
    """Add a linked task; a step: (which of the flows of the site, stop on failure)."""
    model = world.model
    named = model.schedules.get(schedule or "")
    if named and named.is_serial:
        named = None
    flows = [t for t in model.tasks.values() if t.type == "flow" and t.site.name == site]
    while len(flows) < 2:
        flows.append(add_task(world, type="flow", site=site, datasource=None, schedule=None))
    made = world.verbs.add(
        "linked_task", title="linked", site=site, schedule=named and named.name, priority=priority
    )
    numbered = [
        Step(number, flows[which % len(flows)], stops)
        for number, (which, stops) in enumerate(steps, 1)
    ]
    for step in numbered:
        world.verbs.add(
            "linked_task_step", "step", linked_task=made, step=step.number, task=step.task.id,
            stop_on_failure=step.stop_on_failure,
        )  # fmt: skip
    if priority is None and named:
        priority = named.priority
    linked_task = LinkedTask(
        made, model.sites[site], named, priority, numbered, enabled_at=model.now
    )
    model.linked_tasks[made] = linked_task
    return linked_task


def fire_by_hand(world: World, schedule: str, at: datetime) -> None:
    """Create the jobs of one scheduled time."""
    named = world.model.schedules[schedule]
    expected = fire(world.model, named, [at]) if named.enabled else 0
    compare("fired", world.verbs.fire(schedule, at, early=at > world.model.now), expected)


def tick(world: World) -> None:
    """Let the clock turn until nothing is due."""
    model = world.model
    while True:
        named = [one for one in model.schedules.values() if one.next_run_at is not None]
        due = [one for one in named if _next(one) <= model.now]
        expected = None
        if due:
            first = min(due, key=lambda one: (_next(one), one.id))
            missed = first.skipped_runs(model.now)
            expected = fire(model, first, first.due_runs(model.now), missed)
            first.set_next_run(model.now)
        wait = min(((_next(one) - model.now).total_seconds() for one in named), default=None)
        turn = world.verbs.row("select jobs, wait from pgdispatch.tick()")
        compare("jobs of a turn of the clock", turn["jobs"], expected)
        compare("time to the next turn", turn["wait"], None if wait is None else max(wait, 0))
        if not due:
            return


def start_by_hand(world: World, task: Task) -> None:
    """Start a task by hand; it is refused if the site says so or it has a job."""
    busy = min((job.id for job in world.model.jobs.values() if job.task is task), default=None)
    verdict = _refusal(world, task.site.name, busy)
    try:
        made: int | str = world.verbs.run_now(task.id)
    except psycopg.Error as refused:
        made = str(refused.diag.message_primary)
    if verdict and busy and task.site.run_now_enabled:
        verdict = f"task {task.id} {verdict}"
    compare("run now", made, verdict or run_now(world.model, task).id)


def start_linked_by_hand(world: World, linked_task: LinkedTask) -> None:
    """Start a linked task by hand; it is refused as a task is, or if no step can run."""
    model = world.model
    busy = job_of_linked(model, linked_task)
    verdict = _refusal(world, linked_task.site.name, busy.id if busy else None)
    if verdict and linked_task.site.run_now_enabled:
        verdict = f"linked task {linked_task.id} {verdict}"
    elif not verdict and linked_task.next_step(0) is None:
        verdict = f"linked task {linked_task.id} has no step that can run"
    try:
        made = world.verbs.value(
            "select pgdispatch.run_now_linked_task(%s, 'tester')", linked_task.id
        )
    except psycopg.Error as refused:
        made = refused.diag.message_primary
    job = None if verdict else start_linked(model, linked_task, None)
    compare("run now of a linked task", made, job.id if job else verdict)


def start_schedule_by_hand(world: World, schedule: str) -> None:
    """Start all of a schedule by hand."""
    expected = run_now_schedule(world.model, world.model.schedules[schedule])
    rows = world.verbs.rows(
        """
        select coalesce(task, linked_task) as id, job, refused
        from pgdispatch.run_now_schedule(%s, 'tester')
        """,
        schedule,
    )
    compare("run now of a schedule", [tuple(row.values()) for row in rows], expected)


def fill(world: World, random: Random, size: int) -> None:
    """Add many jobs at once, half of them by schedules, and a linked task."""
    types, sites, schedules = sorted(RANKS), sorted(LIMITS), sorted(SCHEDULES)
    for _ in range(size):
        where: dict[str, Any] = {
            "type": random.choice(types),
            "site": random.choice(sites),
            "datasource": random.choice([None, "a", "a", "b"]),
            "schedule": random.choice(schedules),
            "max_attempts": random.choice([None, None, 2, 3]),
            "timeout": None,
        }
        if random.random() < 0.5:
            runs = [(1, random.choice([1, 2, 60]))] * random.randrange(2)
            add_task(world, **where, runs=runs)
        else:
            priority = random.choice([None, 1, 50, 100])
            world.insert(**where, priority=priority, delay=None)
    steps = [(random.randrange(3), random.random() < 0.5) for _ in range(random.randrange(1, 4))]
    add_linked_task(
        world, site=random.choice(sites), schedule="parallel", priority=None, steps=steps
    )
    for schedule in schedules:
        fire_by_hand(world, schedule, world.model.now)
        edit_schedule(world, schedule=schedule, recurrence=random.choice(sorted(RECURRENCES)))
    edit_site(world, site=random.choice(sites), daily_seconds=random.choice([-1, 30, 100]))


def _next(schedule: Schedule) -> datetime:
    if schedule.next_run_at is None:
        raise Disagreement(f"schedule {schedule.name} has no next run")
    return schedule.next_run_at


def _refusal(world: World, site: str, busy: int | None) -> str | None:
    if not world.model.sites[site].run_now_enabled:
        return f"site {site} does not allow Run Now"
    return f"already has job {busy}" if busy else None


def _remember(world: World, task: Task, ended_at: datetime, seconds: float) -> None:
    """Give a task a successful run of the past."""
    started_at = ended_at - timedelta(seconds=seconds)
    task.runs.append((ended_at, seconds))
    task.site.past.append((started_at, ended_at))
    world.verbs.add(
        "job_history", id=0, attempt=1, type=task.type, site=task.site.name, task=task.id,
        priority=50, args="{}", created_by="past", inserted_by="past", created_at=started_at,
        run_now=False, is_serial=False, precedence=1, queued_at=started_at, type_rank=0,
        tie_first=0, tie_second=0, parked_gates=[], losses=0, failures=0, max_attempts=1,
        started_at=started_at, ended_at=ended_at, outcome="succeeded",
    )  # fmt: skip
