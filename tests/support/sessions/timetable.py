"""The clock's turns, and what schedules, linked tasks and budgets made of them, for tests."""

from __future__ import annotations

from typing import Any

from support.sessions.verbs import Verbs


def tick(verbs: Verbs) -> int | None:
    """Let the clock fire the one schedule that is longest due; return its jobs, None: no turn."""
    jobs: int | None = verbs.row("select jobs, wait from pgdispatch.tick()")["jobs"]
    return jobs


def run_clock(verbs: Verbs) -> int:
    """Let the clock fire whatever is due, and return how many jobs there are of it."""
    count = 0
    while (jobs := tick(verbs)) is not None:
        count += jobs
    return count


def next_run(verbs: Verbs, schedule: str) -> Any:
    """Return the time at which a schedule runs next."""
    return verbs.value("select next_run_at from pgdispatch.schedule where name = %s", schedule)


def change(verbs: Verbs, table: str, key: str, row: Any, /, **columns: Any) -> None:
    """Update one row of a table of the schema, as a person at psql would."""
    assignments = ", ".join(f"{column} = %s" for column in columns)
    verbs.run(
        f"update pgdispatch.{table} set {assignments} where {key} = %s", *columns.values(), row
    )


def set_to(verbs: Verbs, setting: str, value: object) -> None:
    """Change a setting."""
    change(verbs, "setting", "name", setting, value=str(value))


def linked_task(verbs: Verbs, *tasks: int, **columns: Any) -> int:
    """Add a linked task of flows, in this order, and return its id."""
    linked = int(verbs.add("linked_task", **{"title": "a chain", **columns}))
    for step, task in enumerate(tasks, 1):
        verbs.add("linked_task_step", "step", linked_task=linked, step=step, task=task)
    return linked


def run_linked(verbs: Verbs, linked: int) -> int:
    """Start a linked task by hand and return its first job."""
    return int(verbs.value("select pgdispatch.run_now_linked_task(%s, 'tester')", linked))


def run_job(verbs: Verbs, task: int, act: str = "finish") -> int:
    """Start a task by hand, run its job on the only free backgrounder and end it; return it."""
    job = verbs.run_now(task)
    claimed = verbs.claim("n:9")
    if claimed != job:
        raise ValueError(f"claimed {claimed} in place of {job}")
    getattr(verbs, act)(job)
    return job


def fail_often(verbs: Verbs, task: int, times: int) -> None:
    """Let so many jobs of a task fail, one after the other."""
    for _ in range(times):
        run_job(verbs, task, "fail")


def is_suspended(verbs: Verbs, task: int) -> bool:
    """Tell whether the schedule of a task leaves it out because it failed too often.

    It is asked as the clock is asked: a task that is suspended is left out at the next time.
    """
    return bool(verbs.value("select pgdispatch.run_now_obstacle('default', %s, null) = 'suspended'",
                            task))  # fmt: skip


def skips(verbs: Verbs, task: int) -> list[str | None]:
    """Return why each occurrence of a task was skipped, None where it was not, in time order."""
    return verbs.values(
        "select skipped_for from pgdispatch.occurrence where task = %s order by scheduled_at", task
    )
