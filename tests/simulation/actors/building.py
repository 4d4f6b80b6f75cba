"""An installation drawn at random, and inserted as people would: into the public tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from random import Random
from typing import Any

from simulation.actors.nodes import Node
from simulation.double.entities import LinkedTask, Schedule, Site, Task
from simulation.double.rules import RANKS, READS_SCHEDULE, Rules, task_priority
from simulation.double.timetable import timetable, weight
from simulation.timed_session import Session

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
SETTINGS = {"lease_seconds": "600", "history_hours": "48"}
SHARES = {
    "full_extract": 30,
    "incremental_extract": 22,
    "subscription": 20,
    "alert": 10,
    "flow": 10,
    "system": 4,
    "extract_creation": 4,
}
SECONDS = {
    "flow": 240,
    "alert": 20,
    "system": 60,
    "subscription": 60,
    "extract_creation": 500,
    "incremental_extract": 120,
    "full_extract": 360,
}


@dataclass
class Installation:
    """Everything but the jobs."""

    sites: list[Site]
    schedules: list[Schedule]
    tasks: list[Task]
    linked_tasks: list[LinkedTask]
    nodes: list[Node]


def build(
    session: Session,
    random: Random,
    rules: Rules,
    *,
    tasks: int,
    budget: int,
    until: datetime,
) -> Installation:
    """Make and insert the installation.

    `budget`: seconds a day of the sites that have one, about. Recurrences are worked out up to
    `until`.
    """
    for name, value in SETTINGS.items():
        session.update("setting", ("name", name), value=value)
    sites = _sites(session, rules, budget)
    schedules = _schedules(session, random, until)
    made = Installation(sites, schedules, [], [], _nodes(session))
    weights = [weight(schedule.recurrence) for schedule in schedules]
    for number in range(tasks):
        (schedule,) = random.choices(schedules, weights)
        add_task(session, random, made, f"task {number}", schedule)
    for number in range(1 + tasks // 200):
        task = add_task(session, random, made, f"broken task {number}", schedules[3 + number % 3])
        task.failure_rate = 1.0
    for number in range(12):
        _link(session, random, made, number, schedules)
    return made


def add_task(
    session: Session,
    random: Random,
    made: Installation,
    title: str,
    schedule: Schedule | None,
    *,
    type_: str | None = None,
    site: Site | None = None,
) -> Task:
    """Insert one task."""
    type_ = type_ or random.choices(list(SHARES), list(SHARES.values()))[0]
    site = site or random.choices(made.sites, [4, 3, 3, 2, 2, 1, 1])[0]
    data = None
    if type_.endswith("extract") or type_ == "extract_creation":
        data = f"data {random.randrange(600)}"
    own = random.random() < 0.1 and type_ not in READS_SCHEDULE
    priority = random.randint(1, 100) if own else None
    seconds = max(random.lognormvariate(0, 0.8) * SECONDS[type_], 2.0)
    timeout = round(seconds * random.uniform(2, 5)) if random.random() < 0.15 else None
    attempts = random.choice([2, 3, 4]) if random.random() < 0.15 else None
    rate = random.choices([0.0, 0.02, 0.2, 1.0], [50, 40, 9, 1])[0]
    columns: dict[str, Any] = {
        "site": site.name,
        "type": type_,
        "title": title,
        "schedule": schedule.name if schedule else None,
        "priority": priority,
        "datasource": data,
        "timeout": timeout and f"{timeout} s",
        "max_attempts": attempts,
    }
    (id_,) = session.add("task", "id", [columns])
    if priority is None:
        priority = task_priority(type_, schedule)
    task = Task(
        id_, title, type_, site, schedule, priority, data, timeout, attempts,
        session.now, session.now, seconds, rate,
    )  # fmt: skip
    made.tasks.append(task)
    return task


def _sites(session: Session, rules: Rules, budget: int) -> list[Site]:
    sites = [
        Site("default"),
        Site("north", max_running_jobs=6),
        Site("south", max_running_jobs=4, daily_seconds=3 * budget // 2, zone="Europe/Berlin"),
        Site("east", daily_seconds=budget, refill_at=time(6, 30), zone="Asia/Kolkata"),
        Site("west", daily_seconds=budget, refill_at=time(2, 30), zone="Europe/Berlin",
             over_budget="cancel", max_running_jobs=8),
        Site("small", max_running_jobs=1),
        Site("quiet", run_now_enabled=False),
    ]  # fmt: skip
    rows = [
        {
            "name": site.name,
            "max_running_jobs": site.max_running_jobs,
            "daily_seconds": site.daily_seconds,
            "refill_at": site.refill_at,
            "time_zone": site.zone,
            "over_budget": site.over_budget,
            "run_now_enabled": site.run_now_enabled,
        }
        for site in sites[1:]
    ]
    session.add("site", "id", rows)
    for site in sites:
        site.limits.append((session.now, site.running_limit))
    for site_name, type_, timeout in (("north", "full_extract", 1200), ("small", "flow", None)):
        columns = {"site": site_name, "type": type_, "timeout": timeout and f"{timeout} s"}
        session.add("site_timeout", "type", [columns])
        rules.site_timeouts[site_name, type_] = timeout
    return sites


def _schedules(session: Session, random: Random, until: datetime) -> list[Schedule]:
    made = []
    for number, (recurrence, _) in enumerate(timetable()):
        schedule = Schedule(
            0, f"schedule {number}", random.randint(1, 100), number % 5 == 4, number % 13 == 12,
            recurrence, ZONES[number % len(ZONES)] if number % 2 else "UTC",
            ("once", "skip", "all")[number % 3], random.randint(1, 4),
        )  # fmt: skip
        columns = {
            "name": schedule.name,
            "priority": schedule.priority,
            "execution": "serial" if schedule.is_serial else "parallel",
            "is_custom": schedule.is_custom,
            "recurrence": recurrence.words,
            "time_zone": schedule.zone,
            "missed_runs": schedule.missed_runs,
            "max_missed_runs": schedule.max_missed_runs,
        }
        (schedule.id,) = session.add("schedule", "id", [columns])
        schedule.instants = recurrence.instants(schedule.zone, after=session.now, until=until)
        schedule.go_on(session.now)
        made.append(schedule)
    return made


def _nodes(session: Session) -> list[Node]:
    nodes = [
        Node("a-1", 6),
        Node("a-2", 6),
        Node("a-3", 6),
        Node("flows-1", 3, only=frozenset({"flow", "system"})),
        Node("light-1", 5, excepted=frozenset({"full_extract", "extract_creation"})),
        Node("report-1", 4, served=frozenset({"subscription", "alert"})),
    ]
    for node in nodes:
        columns = {
            "name": node.name,
            "backgrounders": node.size,
            "only_types": _listed(node.only),
            "except_types": _listed(node.excepted),
        }
        session.add("node", "name", [columns])
    return nodes


def _listed(types: frozenset[str] | None) -> list[str] | None:
    return None if types is None else sorted(types, key=list(RANKS).index)


def _link(
    session: Session, random: Random, made: Installation, number: int, schedules: list[Schedule]
) -> None:
    parallel = [schedule for schedule in schedules if not schedule.is_serial]
    schedule = random.choice([s for s in parallel if weight(s.recurrence) > 10])
    site = random.choice(made.sites)
    priority = random.choice([None, random.randint(1, 100)])
    title = f"linked task {number}"
    columns = {
        "site": site.name, "title": title, "schedule": schedule.name, "priority": priority,
    }  # fmt: skip
    (id_,) = session.add("linked_task", "id", [columns])
    priority = schedule.priority if priority is None else priority
    linked = LinkedTask(id_, title, site, schedule, priority, session.now, [])
    for step in range(1, random.randint(2, 5) + 1):
        own = random.choice([None, None, random.choice(schedules)])
        task = add_task(
            session, random, made, f"flow {number}.{step}", own, type_="flow", site=site
        )
        linked.steps.append((2 * step, task, random.random() < 0.6))
        values = {"linked_task": id_, "step": 2 * step, "task": task.id}
        session.add("linked_task_step", "step", [values | {"stop_on_failure": linked.steps[-1][2]}])
    made.linked_tasks.append(linked)
