"""How jobs come to be, by hand, by a schedule or as a step: semantics.md §3 and §6, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from support.model.jobs import RANKS, READS_SCHEDULE, TIMEOUTS, Job, Task
from support.model.linked_tasks import LinkedRun, LinkedTask
from support.model.schedules import Schedule
from support.model.sites import Site

if TYPE_CHECKING:
    from support.model.model import Model

Refused = tuple[int | None, int | None, str | None]


def create_job(
    model: Model,
    *,
    type: str,  # noqa: A002  # the column's name
    site: Site,
    schedule: Schedule | None,
    priority: int | None,
    timeout: timedelta | None = None,
    max_attempts: int | None = None,
    task: Task | None = None,
    **columns: Any,
) -> Job:
    """Add a job to the queue, and fill in what is left out."""
    if timeout is None:
        timeout = model.timeouts.get((site.name, type), TIMEOUTS[type])
    job = Job(
        id=model.next_job, type=type, site=site, schedule=schedule, task=task,
        priority=usual_priority(type, schedule, task) if priority is None else priority,
        added_at=model.now, timeout=timeout, max_attempts=max_attempts or 1,
        is_serial=bool(schedule and schedule.is_serial), **columns,
    )  # fmt: skip
    model.next_job += 1
    model.jobs[job.id] = job
    return job


def usual_priority(type: str, schedule: Schedule | None, task: Task | None) -> int:  # noqa: A002  # likewise
    """Return the priority of a new job that names none (§3)."""
    if type in READS_SCHEDULE:
        return 50 if schedule is None or schedule.is_custom else schedule.priority
    if task is not None:
        return task.priority or (0 if type == "flow" else 50)
    if type == "flow":
        return 0
    return 50 if schedule is None else schedule.priority


def create_job_of(model: Model, task: Task, scheduled_at: datetime | None, **columns: Any) -> Job:
    """Add a job of a task: for a scheduled time, or as `columns` say."""
    about = {"schedule": task.schedule, "priority": None, **columns}
    return create_job(
        model, type=task.type, site=task.site, datasource=task.datasource, task=task,
        timeout=task.timeout, max_attempts=task.max_attempts, scheduled_at=scheduled_at,
        usual_seconds=task.usual_seconds(model.now),
        enabled_since=max(task.created_at, task.enabled_at), **about,
    )  # fmt: skip


def run_now(model: Model, task: Task) -> Job:
    """Start a task by hand (§3.4)."""
    priority = None if task.type == "flow" else 0
    return create_job_of(model, task, None, run_now=True, priority=priority)


def create_step(model: Model, run: LinkedRun, after: int) -> Job | None:
    """Begin the next step of a run, if there is one that can run. The first has its time."""
    linked_task = run.linked_task
    step = linked_task.next_step(after)
    if step is None:
        return None
    return create_job_of(
        model, step.task, run.scheduled_at if after == 0 else None,
        schedule=linked_task.schedule, priority=linked_task.priority or 0,
        run_now=run.scheduled_at is None, run=run, step=step.number,
    )  # fmt: skip


def job_of_linked(model: Model, linked_task: LinkedTask) -> Job | None:
    """Return the job of a linked task that waits or runs."""
    jobs = (job for job in model.jobs.values() if job.run and job.run.linked_task is linked_task)
    return next(jobs, None)


def start_linked(model: Model, linked_task: LinkedTask, at: datetime | None) -> Job | None:
    """Begin a run of a linked task, or note why there is none."""
    if linked_task.has_run_for(at):
        return None
    if job_of_linked(model, linked_task):
        linked_task.note(at, "waiting")
        return None
    job = create_step(model, LinkedRun(linked_task, at), after=0)
    linked_task.note(at, None if job else "suspended")
    return job


def fire(
    model: Model, schedule: Schedule, runs: list[datetime], missed: Sequence[datetime] = ()
) -> int:
    """Create the jobs of a schedule for some times, and return how many; note those `missed`."""
    note_missed(model, schedule, missed)
    before = model.next_job
    waiting = {job.task for job in model.waiting()}
    tasks = [task for _, task in sorted(model.tasks.items()) if task.schedule is schedule]
    for at in runs:
        for task in tasks:
            if task.enabled and task.occurrences.get(at, "missed") == "missed":
                skipped = "waiting" if task in waiting else None
                task.occurrences[at] = "suspended" if task.is_suspended else skipped
                if task.occurrences[at] is None:
                    create_job_of(model, task, at)
    for _, linked_task in sorted(model.linked_tasks.items()):
        if linked_task.schedule is schedule and linked_task.enabled:
            for at in runs:
                start_linked(model, linked_task, at)
    schedule.note_runs([at for at in runs if at <= model.now])
    return model.next_job - before


def note_missed(model: Model, schedule: Schedule, missed: Sequence[datetime]) -> None:
    """Note the missed times that a schedule skips, for what it would have run then."""
    for task in model.tasks.values():
        if task.schedule is schedule and task.enabled:
            for at in missed:
                if at >= task.enabled_at:
                    task.occurrences.setdefault(at, "missed")
    for linked in model.linked_tasks.values():
        if linked.schedule is schedule and linked.enabled:
            known = {at for at, _ in linked.runs}
            linked.runs += [
                (at, "missed") for at in missed if at >= linked.enabled_at and at not in known
            ]


def run_now_schedule(model: Model, schedule: Schedule) -> list[Refused]:
    """Start all of a schedule by hand, as it would be dispatched, then its linked tasks.

    Returns (task, job, why not) of each task, then (linked task, job, why not) likewise.
    """
    done: list[Refused] = []
    tasks = [t for t in model.tasks.values() if t.schedule is schedule and t.enabled]
    for task in sorted(tasks, key=lambda task: _place(model, task)):
        busy = min((job.id for job in model.jobs.values() if job.task is task), default=None)
        refused = _refused(task.site, busy, is_suspended=task.is_suspended)
        done.append((task.id, None if refused else run_now(model, task).id, refused))
    linked = [t for t in model.linked_tasks.values() if t.schedule is schedule and t.enabled]
    for one in sorted(linked, key=lambda one: (one.priority or 0, one.enabled_at, one.id)):
        under_way = job_of_linked(model, one)
        refused = _refused(one.site, under_way.id if under_way else None)
        made = None if refused else start_linked(model, one, None)
        refused = None if made else refused or "no step can run"
        done.append((one.id, made.id if made else None, refused))
    return done


def _refused(site: Site, job: int | None, *, is_suspended: bool = False) -> str | None:
    if not site.run_now_enabled:
        return f"site {site.name} does not allow Run Now"
    if is_suspended:
        return "suspended"
    return None if job is None else f"has job {job}"


def _place(model: Model, task: Task) -> tuple[float, ...]:
    priority = usual_priority(task.type, task.schedule, task)
    usual = task.usual_seconds(model.now)
    since = max(task.created_at, task.enabled_at).timestamp()
    ties = (usual, since) if model.tie_break == "history" else (since, usual)
    return (priority, RANKS[task.type], *ties, task.id)
