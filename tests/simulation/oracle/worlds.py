"""Small installations, drawn at random, that have together all that dispatch goes by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from pgdispatch.forecast.plan import Pause
from pgdispatch.forecast.run import MICROS, Arrival, Fate
from simulation.actors.building import Installation, build
from simulation.double.entities import Task
from simulation.double.rules import Rules
from simulation.oracle.truth import ARRIVE, EDIT, Machine, Name, Truth, instant, micros
from simulation.timed_session import Session

HOUR = 3600 * MICROS
SETTINGS = {
    "lease_seconds": "9999",
    "history_hours": "5",
    "suspend_after_failures": "2",
    "max_losses": "2",
    "overrun_grace_seconds": "60",
}
GRACE = 60 * MICROS
SITE = """
select jsonb_build_object(
    'running_limit', running_limit, 'over_budget', over_budget, 'run_now_enabled', run_now_enabled
)
from pgdispatch.site
where name = %s
"""
TASK = """
select
    priority, enabled, pgdispatch.micros(enabled_at), pgdispatch.micros_of(timeout),
    extract(epoch from greatest(created_at, enabled_at))::double precision
from pgdispatch.task
where id = %s
"""
FAILURES = ("error", "error", "failed", "killed", "retry", "snoozed", "given back")
EDGES = """
select distinct at
from pgdispatch.closed_window as w
cross join lateral pgdispatch.openings_within(w, pgdispatch.now(), %s) as o
cross join unnest(array[o.opens_at, o.closes_at]) as at
where at > pgdispatch.now()
"""
RUN_NOW = "select pgdispatch.run_now(%s, 'somebody')"
RUN_LINKED = "select pgdispatch.run_now_linked_task(%s, 'somebody')"
INSERT = """
insert into pgdispatch.job (type, site, datasource, priority, not_before, max_attempts)
values (%s, %s, %s, %s, %s, 1)
returning id
"""


@dataclass(frozen=True)
class World:
    """What to draw. `start`: often before a change-over night; `outage`: hours from the start."""

    name: str
    start: datetime
    seed: int
    tasks: int
    datasources: int = 9
    pace: float = 1.0
    tie_break: str = "history"
    outage: tuple[float, float] | None = None
    has_windows: bool = False


WORLDS = (
    World("spring", datetime(2030, 3, 30, 21, tzinfo=UTC), 15, 280, outage=(1.0, 3.1)),
    World("autumn", datetime(2030, 10, 26, 20, tzinfo=UTC), 2, 200, tie_break="created"),
    World("half an hour", datetime(2030, 4, 6, 12, tzinfo=UTC), 3, 200, pace=3.0, has_windows=True),
)


class Play:
    """A world that is played: an installation, people, and trouble."""

    def __init__(self, session: Session, world: World) -> None:
        self.world = world
        self.random = Random(world.seed)  # noqa: S311  # reproducible, not secret
        session.rows("select pgdispatch.roll_history()")
        until = world.start + timedelta(days=45)
        self.made = build(
            session, self.random, Rules(), tasks=world.tasks, budget=12 * world.tasks, until=until
        )
        for name, value in SETTINGS.items() | {("tie_break", world.tie_break)}:
            session.update("setting", ("name", name), value=value)
        session.rows("update pgdispatch.node set heartbeat_at = 'infinity', served_types = null")
        machines = [Machine(node.name, _smaller(node.size)) for node in self.made.nodes]
        for machine in machines:
            query = "update pgdispatch.node set backgrounders = %s where name = %s"
            session.rows(query, machine.size, machine.name)
        if world.has_windows:
            session.add("closed_window", "name", _windows(self.random, self.made))
        self.tasks = {task.id: task for task in self.made.tasks}
        for task in self.made.tasks:  # fewer datasources, so that more have to wait for them
            if task.datasource is not None:
                task.datasource = f"data {task.id % world.datasources}"
                session.update("task", ("id", task.id), datasource=task.datasource)
        self.truth = Truth(session, machines, self.draw, GRACE)
        for (at,) in session.rows(EDGES, until):
            self.truth.at(micros(at), EDIT, lambda: None)
        self._act()

    def draw(self, name: Name, attempt: int) -> Fate:
        """Draw how an attempt goes, from what it is alone."""
        random = Random(f"{self.world.seed}/{name}/{attempt}")  # noqa: S311
        task = self.tasks.get(name[0]) if isinstance(name[0], int) else None
        seconds = (task.seconds if task else 60.0) * random.lognormvariate(0, 0.6)
        micros = max(round(seconds * MICROS), MICROS) + random.randrange(MICROS)
        if task is not None and random.random() < 0.6 * task.failure_rate + 0.02:
            return self._failure(random, micros)
        timeout = task.timeout if task else None
        if timeout is not None and random.random() < 0.1:
            return Fate(round(timeout + 60) * MICROS, "timed out")
        return Fate(micros)

    @staticmethod
    def _failure(random: Random, micros: int) -> Fate:
        how = random.choice(FAILURES)
        again = random.randrange(1200 * MICROS) if how in ("retry", "snoozed") else None
        return Fate(random.randrange(micros) + 1, how, again)

    def _act(self) -> None:
        """Let somebody do something now and then."""
        wait = self.random.expovariate(self.world.pace / 240.0)
        at = self.truth.now + round(wait * MICROS) + 1
        self.truth.at(at, ARRIVE, self._arrive)
        if self.random.random() < 0.35:
            self.truth.at(at + self.random.randrange(60 * MICROS), EDIT, self._edit)

    def _arrive(self) -> None:
        what = self.random.choices((self._run_now, self._run_linked, self._insert), (5, 1, 4))[0]
        what()
        self._act()

    def _run_now(self) -> None:
        task = self.random.choice(self.made.tasks)
        arrival = Arrival(self.truth.now, task.type, task.site.name, task.id, run_now=True)
        self.truth.arrive(arrival, RUN_NOW, task.id)

    def _run_linked(self) -> None:
        linked = self.random.choice(self.made.linked_tasks)
        arrival = Arrival(self.truth.now, "flow", linked.site.name, linked_task=linked.id)
        self.truth.arrive(arrival, RUN_LINKED, linked.id)

    def _insert(self) -> None:
        random, now = self.random, self.truth.now
        task = random.choice(self.made.tasks)
        later = now + random.randrange(3600 * MICROS) if random.random() < 0.4 else None
        priority = random.choice([None, random.randint(1, 100)])
        arrival = Arrival(
            now, task.type, task.site.name, datasource=task.datasource, priority=priority,
            not_before=later,
        )  # fmt: skip
        at = None if later is None else instant(later)
        site = task.site.name
        self.truth.arrive(arrival, INSERT, task.type, site, task.datasource, priority, at)

    def _edit(self) -> None:
        acts: tuple[Callable[[], None], ...] = (
            self._resize, self._lose, self._drain, self._limit, self._switch, self._change_task,
            self._pause,
        )  # fmt: skip
        self.random.choice(acts)()

    def _resize(self) -> None:
        machine = self.random.choice(list(self.truth.machines.values()))
        self.truth.resize(machine, self.random.randint(1, 2))

    def _lose(self) -> None:
        machine = self.random.choice(list(self.truth.machines.values()))
        if machine.size:
            size = machine.size
            self.truth.lose(machine)
            back = self.truth.now + self.random.randrange(60 * MICROS, 1800 * MICROS)
            self.truth.at(back, EDIT, self.truth.resize, machine, size)

    def _drain(self) -> None:
        name = self.random.choice(list(self.truth.machines))
        self._set_node(name, is_drained=True)
        back = self.truth.now + self.random.randrange(60 * MICROS, 2400 * MICROS)
        self.truth.at(back, EDIT, self._set_node_drained, name)

    def _set_node_drained(self, name: str) -> None:
        only = self.random.choice([None, ["full_extract", "flow"], ["subscription", "alert"]])
        self._set_node(name, is_drained=False, only_types=only, except_types=None)

    def _set_node(self, name: str, **columns: Any) -> None:
        self.truth.session.update("node", ("name", name), **columns)
        self.truth.edit_node(name)

    def _limit(self) -> None:
        site, session = self.random.choice(self.made.sites).name, self.truth.session
        choices: list[dict[str, object]] = [
            {"max_running_jobs": self.random.choice([-1, 1, 2, 3])},
            {"over_budget": self.random.choice(["defer", "cancel"])},
            {"run_now_enabled": self.random.random() < 0.8},
        ]
        columns = self.random.choice(choices)
        session.update("site", ("name", site), **columns)
        self.truth.edit("site", site, session.value(SITE, site))

    def _switch(self) -> None:
        """Make a schedule serial or parallel, which is refused where it has linked tasks."""
        name = self.random.choice(self.made.schedules).name
        execution = self.random.choice(["parallel", "serial"])
        said = self.truth.session.update("schedule", ("name", name), execution=execution)
        if said is None:
            self.truth.edit("schedule", name, {"is_serial": execution == "serial"})

    def _change_task(self) -> None:
        task: Task = self.random.choice(self.made.tasks)
        columns = {"enabled": self.random.random() < 0.7}
        self.truth.session.update("task", ("id", task.id), **columns)
        ((priority, enabled, enabled_at, timeout, since),) = self.truth.session.rows(TASK, task.id)
        values = {
            "priority": priority, "enabled": enabled, "enabled_at": enabled_at,
            "timeout": timeout, "since": since,
        }  # fmt: skip
        self.truth.edit("task", task.id, values)

    def _pause(self) -> None:
        """Pause something for a while that is not paused."""
        random, now = self.random, self.truth.now
        scope, name = random.choice(
            [
                ("all", ""),
                ("site", random.choice(self.made.sites).name),
                ("type", random.choice(self.made.tasks).type),
                ("schedule", random.choice(self.made.schedules).name),
            ]
        )
        if any((p.scope, p.name) == (scope, name) for p in self.truth.pauses):
            return
        until = now + random.randrange(60 * MICROS, 1500 * MICROS)
        query = "select pgdispatch.pause(%s, %s, %s)"
        self.truth.session.rows(query, scope, name, instant(until))
        self.truth.pauses.append(Pause(scope, name, now, until))
        self.truth.at(until, EDIT, lambda: None)


def _windows(random: Random, made: Installation) -> list[dict[str, Any]]:
    """Close a site, a type, two nodes and some schedules again and again."""
    schedules = [schedule.name for schedule in made.schedules[3:7]]  # they are due often
    nodes = random.sample([node.name for node in made.nodes], 2)
    closed = [
        ("site", random.choice(made.sites).name, "every 4 hours from 00:40 to 23:00", "25 min"),
        ("type", "alert", "every 2 hours from 01:15 to 23:59", "20 min"),
        *(("node", name, "every 2 hours from 00:30 to 23:59", "15 min") for name in nodes),
        *(("schedule", name, "every 2 hours from 00:45 to 23:59", "40 min") for name in schedules),
    ]
    return [
        {
            "name": f"window {number}",
            "scope": scope,
            "target": target,
            "recurrence": recurrence,
            "lasts": lasts,
            "time_zone": random.choice(["UTC", "Europe/Berlin"]),
            "drain_before": "10 min" if scope == "node" and number % 2 else None,
            "run_at_end": scope == "schedule" and number % 2 == 0,
        }
        for number, (scope, target, recurrence, lasts) in enumerate(closed)
    ]


def _smaller(size: int) -> int:
    return max(size // 4, 1)
