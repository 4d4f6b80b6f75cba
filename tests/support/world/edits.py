"""What an administrator changes, done to the database and to the model."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from psycopg import sql

from support.model.jobs import READS_SCHEDULE, Task
from support.model.linked_tasks import LinkedTask
from support.world.world import NODES, World, compare


def edit_site(world: World, *, site: str, **columns: Any) -> None:
    """Change the limits, the refill, what becomes of the rest, or whether Run Now is allowed."""
    _update(world, "site", "name", site, **columns)
    if "refill_at" in columns:
        columns["refill"] = columns.pop("refill_at")
    world.model.change_site(world.model.sites[site], **columns)


def edit_site_timeout(world: World, *, site: str, type: str, timeout: int | None) -> None:  # noqa: A002  # the column's name
    """Give a site a timeout of its own for a type; null: no limit."""
    longest = None if timeout is None else timedelta(seconds=timeout)
    world.verbs.run(
        """
        insert into pgdispatch.site_timeout (site, type, timeout) values (%s, %s, %s)
        on conflict (site, type) do update set timeout = excluded.timeout
        """,
        site, type, longest,
    )  # fmt: skip
    world.model.timeouts[site, type] = longest


def edit_setting(world: World, *, name: str, value: str) -> None:
    """Change a setting of the whole installation."""
    world.verbs.run("update pgdispatch.setting set value = %s where name = %s", value, name)
    model = world.model
    match name:
        case "tie_break":
            model.tie_break = value
        case "suspend_after_failures":
            model.suspend_after = int(value)
        case "site_max_running_jobs":
            model.default_running = int(value)
        case _:
            model.default_seconds = int(value)
    for site in model.sites.values():
        model.change_site(site)


def edit_schedule(world: World, *, schedule: str, **columns: Any) -> None:
    """Change when a schedule runs, its priority, or its execution unless linked tasks use it."""
    edited = world.model.schedules[schedule]
    is_linked = any(one.schedule is edited for one in world.model.linked_tasks.values())
    if is_linked and columns.get("is_serial"):
        return
    changed = {name for name, value in columns.items() if getattr(edited, name) != value}
    for name, value in columns.items():
        setattr(edited, name, value)
    if "is_serial" in columns:
        columns["execution"] = "serial" if columns.pop("is_serial") else "parallel"
    _update(world, "schedule", "name", schedule, **columns)
    if changed & {"recurrence", "time_zone", "enabled"}:
        edited.set_next_run(world.model.now)


def edit_task(world: World, task: Task, **columns: Any) -> None:
    """Change a task: whatever it is, its failures count anew."""
    if task.type in READS_SCHEDULE:
        columns.pop("priority", None)
    if columns.get("enabled") and not task.enabled:
        task.enabled_at = world.model.now
    for name, value in columns.items():
        setattr(task, name, value)
    task.forgive()
    _update(world, "task", "id", task.id, title="edited", **columns)


def delete_task(world: World, task: Task) -> None:
    """Delete a task that is no step of a linked task; its jobs stay."""
    model = world.model
    if any(step.task is task for one in model.linked_tasks.values() for step in one.steps):
        return
    world.verbs.run("delete from pgdispatch.task where id = %s", task.id)
    model.deleted.append(model.tasks.pop(task.id))
    task.is_suspended = False


def edit_linked_task(world: World, linked_task: LinkedTask, **columns: Any) -> None:
    """Change a linked task."""
    if columns.get("enabled") and not linked_task.enabled:
        linked_task.enabled_at = world.model.now
    for name, value in columns.items():
        setattr(linked_task, name, value)
    _update(world, "linked_task", "id", linked_task.id, **columns)


def resume(world: World, task: Task) -> None:
    """Lift the suspension of a task."""
    was_suspended = world.verbs.value("select pgdispatch.resume(%s)", task.id)
    compare("was suspended", was_suspended, task.is_suspended)
    task.forgive()


def republish(world: World, task: Task) -> None:
    """Publish the datasource of a task anew."""
    query = "select pgdispatch.republish(%s, %s)"
    count = world.verbs.value(query, task.site.name, task.datasource)
    same = [
        one
        for one in world.model.tasks.values()
        if (one.site, one.datasource) == (task.site, task.datasource)
    ]
    for one in same:
        one.republish(world.model.now)
    compare("republished", count, len(same))


def edit_node(
    world: World, *, node: str, only: list[str] | None, but: list[str] | None, is_drained: bool
) -> None:
    """Change what a node takes, or drain or resume it."""
    _update(world, "node", "name", node, only_types=only, except_types=but, is_drained=is_drained)
    edited = world.model.nodes[node]
    edited.only = None if only is None else frozenset(only)
    edited.but = frozenset(but or ())
    edited.is_drained = is_drained


def pause(world: World, which: tuple[str, str | None], seconds: int | None) -> None:
    """Pause something, or change until when."""
    model = world.model
    until = None if seconds is None else model.now + timedelta(seconds=seconds)
    query = "select pgdispatch.pause(%s, %s, %s, 'a story', 'tester')"
    compare("pause", world.verbs.value(query, *which, until), not _is_paused(world, which))
    model.pauses[which] = until


def end_pause(world: World, which: tuple[str, str | None]) -> None:
    """End a pause, if it holds."""
    if _is_paused(world, which):
        world.verbs.run("select pgdispatch.end_pause(%s, %s)", *which)
        del world.model.pauses[which]


def _is_paused(world: World, which: tuple[str, str | None]) -> bool:
    until: datetime | None = world.model.pauses.get(which)
    return which in world.model.pauses and (until is None or until > world.model.now)


def sum_charges(world: World) -> None:
    """Sum up what sites have spent, which changes nothing."""
    world.verbs.run("select pgdispatch.sum_charges()")


def open_everything(world: World) -> None:
    """Take away what could keep a job from its start for ever."""
    for site in world.model.sites:
        edit_site(world, site=site, max_running_jobs=2, daily_seconds=-1)
    for node in NODES:
        edit_node(world, node=node, only=None, but=None, is_drained=False)
    for which in list(world.model.pauses):
        end_pause(world, which)


def _update(world: World, table: str, key: str, value: Any, **columns: Any) -> None:
    """Update one row."""
    pairs = [sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder()) for name in columns]
    world.verbs.connection.execute(
        sql.SQL("update {} set {} where {} = {}").format(
            sql.Identifier("pgdispatch", table), sql.SQL(", ").join(pairs), sql.Identifier(key),
            sql.Placeholder(),
        ),
        [*columns.values(), value],
    )  # fmt: skip
