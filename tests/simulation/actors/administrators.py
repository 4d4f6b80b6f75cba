"""People who change tasks, schedules, sites, nodes and settings, while all is running."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from simulation.actors.building import add_task
from simulation.double.entities import Task
from simulation.double.rules import RANKS, READS_SCHEDULE, task_priority
from simulation.timed_session import Refused
from simulation.violation import Violation
from simulation.week import Week


class Administrators:
    """Changes the installation of a week, at random."""

    def __init__(self, week: Week, *, budget: int) -> None:
        self.week = week
        self.engine = week.engine
        self.random = week.random
        self.number = 0
        self.budget = budget
        self._acts: dict[Callable[[], None], int] = {
            self.edit_task: 20,
            self.switch_task: 20,
            self.republish: 8,
            self.resume: 12,
            self.add_or_delete_task: 4,
            self.switch_execution: 8,
            self.change_schedule: 8,
            self.limit_site: 12,
            self.change_budget: 6,
            self.change_node: 8,
            self.drain_node: 6,
            self.change_linked_task: 5,
            self.change_setting: 2,
            self.pause: 8,
            self.close: 5,
        }

    def act(self) -> None:
        """Do one thing."""
        (what,) = self.random.choices(list(self._acts), list(self._acts.values()))
        what()
        self.engine.count["changes"] += 1

    def edit_task(self) -> None:
        """Change the priority, timeout or datasource of a task."""
        task, random = self._task(), self.random
        if random.random() < 0.5 and task.type not in READS_SCHEDULE:
            task.priority = random.randint(1, 100)
            self._change("task", ("id", task.id), priority=task.priority)
        elif random.random() < 0.5:
            task.max_attempts = random.choice([None, 1, 2, 3])
            self._change("task", ("id", task.id), max_attempts=task.max_attempts)
        else:
            task.timeout = random.choice([None, round(task.seconds * 3) + 10])
            timeout = task.timeout and f"{task.timeout} s"
            self._change("task", ("id", task.id), timeout=timeout)
        task.start_afresh()

    def switch_task(self) -> None:
        """Disable a task, or enable a disabled one."""
        task = self._task()
        disabled = [t for t in self.week.made.tasks if not t.enabled and not t.is_deleted]
        if len(disabled) > 30 or (disabled and self.random.random() < 0.5):
            task = self.random.choice(disabled)
            task.enabled_at = self.week.now
        task.enabled = not task.enabled
        self._change("task", ("id", task.id), enabled=task.enabled)
        task.start_afresh()
        if task.enabled:
            task.enabled_at = self.week.now

    def republish(self) -> None:
        """Publish a datasource anew (§3.2)."""
        tasks = [task for task in self.week.made.tasks if task.datasource and not task.is_deleted]
        if not tasks:
            return
        chosen = self.random.choice(tasks)
        alike = [t for t in tasks if (t.site, t.datasource) == (chosen.site, chosen.datasource)]
        query = "select pgdispatch.republish(%s, %s)"
        count = self.engine.session.value(query, chosen.site.name, chosen.datasource)
        if count != len(alike):
            raise Violation("other rule", f"republished {count} tasks, not {len(alike)}")
        for task in alike:
            task.priority = task_priority(task.type, task.schedule)
            task.created_at = task.history_since = self.week.now
            task.start_afresh()

    def resume(self) -> None:
        """Resume a suspended task; most have been mended."""
        suspended = [t for t in self.week.made.tasks if t.is_suspended and not t.is_deleted]
        if suspended:
            task = self.random.choice(suspended)
            if not self.engine.session.value("select pgdispatch.resume(%s)", task.id):
                raise Violation("other rule", f"task {task.id} was not suspended")
            task.start_afresh()
            task.failure_rate = self.random.choice([0.0, 0.0, task.failure_rate])
            self.engine.count["resumed"] += 1

    def add_or_delete_task(self) -> None:
        """Add a task, or delete one that is no step of a linked task."""
        made = self.week.made
        if self.random.random() < 0.6:
            self.number += 1
            schedule = self.random.choice(made.schedules)
            add_task(self.engine.session, self.random, made, f"new {self.number}", schedule)
            return
        steps = {task.id for linked in made.linked_tasks for _, task, _ in linked.steps}
        task = self._task()
        if task.id not in steps:
            self.engine.session.rows("delete from pgdispatch.task where id = %s", task.id)
            task.is_deleted = True
            task.start_afresh()

    def switch_execution(self) -> None:
        """Make a schedule serial or parallel; refused where linked tasks need it parallel."""
        schedule = self.random.choice(self.week.made.schedules)
        execution = "parallel" if schedule.is_serial else "serial"
        said = self.engine.session.update("schedule", ("name", schedule.name), execution=execution)
        has_linked = any(t.schedule is schedule for t in self.week.made.linked_tasks)
        if isinstance(said, Refused) != (has_linked and not schedule.is_serial):
            raise Violation("other rule", f"{schedule.name} becomes {execution}: {said}")
        if not said:
            schedule.is_serial = not schedule.is_serial

    def change_schedule(self) -> None:
        """Change a schedule's priority, or disable it, or enable a disabled one."""
        schedule = self.random.choice(self.week.made.schedules)
        key = ("name", schedule.name)
        if schedule.enabled and self.random.random() < 0.6:
            schedule.priority = self.random.randint(1, 100)
            self._change("schedule", key, priority=schedule.priority)
            return
        schedule.enabled = not schedule.enabled
        schedule.go_on(self.week.now)
        self._change("schedule", key, enabled=schedule.enabled)
        self.week.set_clock()
        if not schedule.enabled:
            self.week.after(self.random.uniform(60, 7200), self._enable, schedule)

    def _enable(self, schedule: Any) -> None:
        if not schedule.enabled:
            schedule.enabled = True
            schedule.go_on(self.week.now)
            self._change("schedule", ("name", schedule.name), enabled=True)
            self.week.set_clock()

    def limit_site(self) -> None:
        """Change how many jobs a site may run at once, or whether Run Now is allowed."""
        site = self.random.choice(self.week.made.sites)
        if self.random.random() < 0.2:
            site.run_now_enabled = not site.run_now_enabled
            self._change("site", ("name", site.name), run_now_enabled=site.run_now_enabled)
            return
        site.max_running_jobs = self.random.choice([None, -1, 1, 2, 4, 8, 12])
        self._change("site", ("name", site.name), max_running_jobs=site.max_running_jobs)
        site.limits.append((self.week.now, site.running_limit))

    def change_budget(self) -> None:
        """Change the budget of a site, its refill, or what becomes of jobs above it."""
        site = self.random.choice(self.week.made.sites[2:5])
        key, random = ("name", site.name), self.random
        if random.random() < 0.3:
            site.over_budget = "cancel" if site.over_budget == "defer" else "defer"
            self._change("site", key, over_budget=site.over_budget)
        elif random.random() < 0.3:
            site.refill_at = site.refill_at.replace(hour=random.randrange(24))
            self._change("site", key, refill_at=site.refill_at)
        else:
            before = site.seconds_limit
            site.daily_seconds = random.choice([-1, self.budget // 2, self.budget, self.budget * 2])
            self._change("site", key, daily_seconds=site.daily_seconds)
            if before is None:  # what ended without a budget counts as the history has it
                site.charges = [charge for charge in site.charges if charge[2]]
        site.change()

    def change_node(self) -> None:
        """Change the number of backgrounders of a node, or the types that it takes."""
        node, random = self.random.choice(self.week.made.nodes), self.random
        if random.random() < 0.5:
            node.size = random.randint(1, 8)
            self._change("node", ("name", node.name), backgrounders=node.size)
            if node.state == "up":
                self.week.tidy(node)
            return
        without = random.choice([None, frozenset({"full_extract"}), frozenset({"flow", "alert"})])
        if node.only is None:
            node.excepted = without
            names = None if without is None else sorted(without)
            self._change("node", ("name", node.name), except_types=names)

    def drain_node(self) -> None:
        """Drain a node, or let a drained one take jobs again."""
        node = self.random.choice(self.week.made.nodes)
        if not node.is_drained:
            self.week.after(self.random.uniform(60, 3600), self._drain, node, False)
        self._drain(node, True)

    def _drain(self, node: Any, drained: bool) -> None:
        node.is_drained = drained
        self._change("node", ("name", node.name), is_drained=drained)

    def change_linked_task(self) -> None:
        """Change the priority of a linked task, or disable or enable it."""
        linked = self.random.choice(self.week.made.linked_tasks)
        if self.random.random() < 0.5:
            linked.priority = self.random.choice([None, self.random.randint(1, 100)])
            self._change("linked_task", ("id", linked.id), priority=linked.priority)
            return
        linked.enabled = not linked.enabled
        if linked.enabled:
            linked.enabled_at = self.week.now
        self._change("linked_task", ("id", linked.id), enabled=linked.enabled)

    def change_setting(self) -> None:
        """Change the last criteria of the order, or the limit of sites that say none."""
        rules = self.engine.rules
        if self.random.random() < 0.5:
            rules.tie_break = "created" if rules.tie_break == "history" else "history"
            self._change("setting", ("name", "tie_break"), value=rules.tie_break)
            self.engine.queue.reorder()
            return
        limit = self.random.choice([-1, 5, 15])
        self._change("setting", ("name", "site_max_running_jobs"), value=str(limit))
        for site in self.week.made.sites:
            site.default_running_jobs = limit
            site.limits.append((self.week.now, site.running_limit))

    def pause(self) -> None:
        """Pause something, for a time or until somebody ends that, or end a pause."""
        queue, random, made = self.engine.queue, self.random, self.week.made
        scope, name = random.choice(
            [
                ("all", ""),
                ("site", random.choice(made.sites).name),
                ("type", random.choice(list(RANKS))),
                ("schedule", random.choice(made.schedules).name),
            ]
        )
        until = self.week.now + timedelta(seconds=random.uniform(60, 3600))
        is_open = random.random() < 0.4
        self.engine.session.rows(
            "select pgdispatch.pause(%s, %s, %s, 'a reason')",
            scope, name, None if is_open else until,
        )  # fmt: skip
        queue.pauses[scope, name] = None if is_open else until
        self.week.at(until, self._end_pause if is_open else lambda *_: None, scope, name)
        self.engine.count["pauses"] += 1

    def close(self) -> None:
        """Close a site or a type for a time to come, or now; some are deleted while they last."""
        random, now = self.random, self.week.now
        self.number += 1
        name = f"window {self.number}"
        scope, target = random.choice(
            [
                ("site", random.choice(self.week.made.sites).name),
                ("type", random.choice(list(RANKS))),
            ]
        )
        opens = now + timedelta(seconds=random.choice([-60, 0, random.randint(1, 3600)]))
        closes = now + timedelta(seconds=random.randint(3601, 9000))
        columns = {"name": name, "scope": scope, "target": target, "from_at": opens}
        self.engine.session.add("closed_window", "name", [{**columns, "to_at": closes}])
        self.engine.queue.windows[name] = (scope, target, opens, closes)
        self.week.at(max(opens, now), lambda: None)
        if random.random() < 0.3:
            closes = now + timedelta(seconds=random.uniform(60, 3600))
            self.week.at(closes, self._open, name)
        self.week.at(closes, lambda: None)
        self.engine.count["windows"] += 1

    def _open(self, name: str) -> None:
        query = "delete from pgdispatch.closed_window where name = %s"
        self.engine.session.rows(query, name)
        del self.engine.queue.windows[name]

    def _end_pause(self, scope: str, name: str) -> None:
        if self.engine.queue.pauses.get((scope, name), self.week.now) is None:
            self.engine.session.rows("select pgdispatch.end_pause(%s, %s)", scope, name)
            del self.engine.queue.pauses[scope, name]

    def _task(self) -> Task:
        return self.random.choice([task for task in self.week.made.tasks if not task.is_deleted])

    def _change(self, table: str, key: tuple[str, Any], **columns: Any) -> None:
        said = self.engine.session.update(table, key, **columns)
        if said:
            raise Violation("other rule", f"{table} {key[1]}: {columns} was refused: {said.text}")
