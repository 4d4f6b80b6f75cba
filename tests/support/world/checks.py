"""Whether the database and its model hold the same: queue, reasons, and what was recorded."""

from __future__ import annotations

from collections.abc import Sequence

from support.model.reasons import shown_reasons
from support.world.world import Disagreement, World, compare

QUEUE = """
select
    id, state = 'running' as is_running, backgrounder, priority, task, schedule, step, scheduled_at,
    not_before, timeout, max_attempts, failures, losses, is_serial
from pgdispatch.job
order by state = 'running', precedence, priority, queued_at, type_rank, tie_first, tie_second, id
"""
SHOWN = "select job, reason from pgdispatch.queue"
ENDED = """
select id, case when failed_as = 'lost' then failed_as else outcome end as outcome
from pgdispatch.job_history where id > 0 order by id
"""
OCCURRENCES = """
select task, scheduled_at, skipped_for from pgdispatch.occurrence order by task, scheduled_at
"""
SUSPENDED = """
select task from pgdispatch.suspension where pgdispatch.is_suspended(task) order by task
"""
LINKED_RUNS = """
select linked_task, scheduled_at, skipped_for
from pgdispatch.linked_run order by linked_task, id
"""
SCHEDULES = "select name, next_run_at, last_run_at, last_error from pgdispatch.schedule order by id"
SPENT = """
select s.name, pgdispatch.spent_seconds(s), s.running_limit, s.seconds_limit
from pgdispatch.site as s order by s.name
"""
EXCEEDED = """
select site, datasource
from pgdispatch.job where state = 'running' and datasource is not null
group by 1, 2 having count(*) > 1
union all
select schedule, 'serial'
from pgdispatch.job where state = 'running' and is_serial
group by 1 having count(*) > 1
"""


def check_jobs(world: World) -> None:
    """Compare all jobs in the queue, in their order, with what was laid down when they came."""
    model = world.model
    running = sorted(model.running(), key=lambda job: job.key(model.tie_break))
    expected = [
        (
            job.id, job.started_at is not None, job.backgrounder, job.priority,
            job.task and job.task.id, job.schedule and job.schedule.name, job.step,
            job.scheduled_at, job.not_before, job.timeout, job.max_attempts, job.failures,
            job.losses, job.is_serial,
        )
        for job in [*model.waiting(), *running]
    ]  # fmt: skip
    _compare_rows(world, "job", QUEUE, expected)


def check_reasons(world: World) -> None:
    """Compare the reasons that the view queue shows."""
    shown = world.verbs.rows(SHOWN)
    compare("queue", [row["job"] for row in shown], [job.id for job in world.model.waiting()])
    for row, reasons in zip(shown, shown_reasons(world.model), strict=True):
        if row["reason"] not in reasons:
            raise Disagreement(f"reason of {row['job']}: SQL {row['reason']}, model {reasons}")


def check_gates(world: World) -> None:
    """Look for a gate that is over-full among the running jobs themselves."""
    compare("exceeded", world.verbs.rows(EXCEEDED), [])


def check_records(world: World) -> None:
    """Compare what was recorded: outcomes, occurrences, runs, suspensions, budgets, schedules."""
    model = world.model
    tasks = sorted([*model.tasks.values(), *model.deleted], key=lambda task: task.id)
    _compare_rows(world, "outcome", ENDED, sorted(model.ended.items()))
    _compare_rows(
        world, "occurrence", OCCURRENCES,
        [(task.id, *about) for task in tasks for about in sorted(task.occurrences.items())],
    )  # fmt: skip
    _compare_rows(world, "suspended", SUSPENDED, [(t.id,) for t in tasks if t.is_suspended])
    _compare_rows(
        world, "linked run", LINKED_RUNS,
        [(one.id, *run) for _, one in sorted(model.linked_tasks.items()) for run in one.runs],
    )  # fmt: skip
    _compare_rows(
        world, "schedule", SCHEDULES,
        [(s.name, s.next_run_at, s.last_run_at, None) for s in model.schedules.values()],
    )  # fmt: skip


def check_sweep(world: World) -> None:
    """Look for jobs that nobody woke."""
    compare("swept", world.verbs.sweep(), 0)


def check_budgets(world: World) -> None:
    """Compare the limits in force, and what is spent of them."""
    model = world.model
    sites = [site for _, site in sorted(model.sites.items())]
    spent = [None if site.seconds_limit is None else site.spent(model.now) for site in sites]
    _compare_rows(
        world, "spent", SPENT,
        [
            (site.name, seconds, site.running_limit, site.seconds_limit)
            for site, seconds in zip(sites, spent, strict=True)
        ],
    )  # fmt: skip


def _compare_rows(
    world: World, what: str, query: str, expected: Sequence[tuple[object, ...]]
) -> None:
    """Compare row by row, so that the first difference is what is told."""
    rows = [tuple(row.values()) for row in world.verbs.rows(query)]
    for found, wanted in zip(rows, expected, strict=False):
        compare(what, found, wanted)
    compare(f"rows of {what}", rows[len(expected) :], expected[len(rows) :])
