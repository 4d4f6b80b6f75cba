"""What `task enable` and `task disable` do to each task."""

from __future__ import annotations

from sqlalchemy import Executable, update

from pgdispatch import tables
from pgdispatch_cli.many import TASKS, Verb


def verb(*, is_enabled: bool) -> Verb:
    """Return the verb that enables or disables tasks."""
    word = "enabled" if is_enabled else "disabled"

    def act(task: int) -> Executable:
        of = tables.task
        return update(of).where(of.c.id == task).values(enabled=is_enabled).returning(of.c.id)

    return Verb(
        TASKS,
        act,
        lambda task, _: f"task {task} {word}",
        lambda task, _: {"task": task, "enabled": is_enabled},
        f"would be {word}",
    )
