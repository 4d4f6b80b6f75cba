"""The installation of the fortnight: its sites, nodes, schedules and tasks, and how long they run.

Four sites (limits of 5 and 3, a budget), nine backgrounders on four nodes of different types, 14
schedules (two of them serial) and 560 tasks. Run times have what those of real tasks have: a factor
common to a day, slow Mondays, trends, outliers, noise of their own, failures with retries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from simulation.timed_session import Session

SITES = (
    {"name": "north", "max_running_jobs": 5, "daily_seconds": None},
    {"name": "south", "max_running_jobs": 3, "daily_seconds": None},
    {"name": "east", "max_running_jobs": None, "daily_seconds": 34 * 3600},
    {"name": "west", "max_running_jobs": None, "daily_seconds": None},
)
NODES = (
    ("a-1", 3, None),
    ("a-2", 2, None),
    ("a-3", 2, ["full_extract", "incremental_extract", "flow"]),
    ("light-1", 2, ["subscription", "alert", "incremental_extract", "system"]),
)
SCHEDULES = (  # name, recurrence, priority, execution, share of the tasks
    ("night 00", "daily at 00:00", 50, "parallel", 14),
    ("night 01", "daily at 01:00", 40, "parallel", 12),
    ("night 02", "daily at 02:00", 50, "serial", 4),
    ("night 03", "daily at 03:00", 60, "parallel", 12),
    ("night 05", "daily at 05:00", 30, "parallel", 8),
    ("morning", "daily at 07:30", 20, "parallel", 8),
    ("noon", "daily at 12:00", 50, "parallel", 6),
    ("evening", "daily at 19:00", 50, "parallel", 8),
    ("late evening", "daily at 22:00", 70, "serial", 2),
    ("weekdays", "weekly on mon, tue, wed, thu, fri at 06:00", 40, "parallel", 7),
    ("sunday", "weekly on sun at 09:00", 80, "parallel", 4),
    ("every 4 hours", "every 4 hours from 00:30 to 20:30", 50, "parallel", 13),
    ("every 2 hours", "every 2 hours from 06:15 to 20:15", 50, "parallel", 9),
    ("hourly", "every 1 hour from 08:45 to 18:45", 30, "parallel", 6),
)
TYPES = {  # share of the tasks, seconds in the median
    "full_extract": (30, 1000.0),
    "incremental_extract": (25, 340.0),
    "subscription": (20, 170.0),
    "alert": (10, 50.0),
    "flow": (15, 750.0),
}
DATASOURCES = 170
DAY_SPREAD = 0.18
MONDAY = 1.25


@dataclass(frozen=True)
class Nature:
    """How long the runs of one task take, in truth: nothing of it is in the database."""

    seconds: float
    noise: float
    trend: float
    failure_rate: float


@dataclass(frozen=True)
class Truth:
    """The world's own dice: the same for the same run, whatever came before it."""

    seed: int
    start: datetime
    natures: dict[int, Nature]

    def attempt(
        self, task: int | None, occurrence: object, attempt: int, now: datetime
    ) -> tuple[float, bool]:
        """Return how long an attempt that starts now takes, in seconds, and whether it fails."""
        nature = self.natures.get(task or 0, ONE_OFF)
        random = Random(f"{self.seed}/{task}/{occurrence}/{attempt}")  # noqa: S311  # reproducible
        day = (now - self.start).days
        seconds = nature.seconds * random.lognormvariate(0, nature.noise)
        seconds *= (1 + nature.trend) ** day * self._factor_of(day, now)
        if random.random() < 0.015:
            seconds *= random.uniform(2, 4)
        if random.random() < nature.failure_rate:
            return max(seconds * random.random(), 1.0), True
        return max(seconds, 1.0), False

    def _factor_of(self, day: int, now: datetime) -> float:
        common = Random(f"{self.seed}/day/{day}").lognormvariate(0, DAY_SPREAD)  # noqa: S311
        return common * (MONDAY if now.weekday() == 0 else 1.0)


ONE_OFF = Nature(seconds=90.0, noise=0.8, trend=0.0, failure_rate=0.0)


def build(session: Session, seed: int, tasks: int = 560) -> Truth:
    """Insert the installation, as people would, and return what its run times are in truth."""
    random = Random(seed)  # noqa: S311
    session.rows("select pgdispatch.roll_history()")
    session.add("site", "id", SITES)
    for name, backgrounders, types in NODES:
        row = {"name": name, "backgrounders": backgrounders, "only_types": types}
        session.add("node", "name", [row])
    session.rows("update pgdispatch.node set heartbeat_at = 'infinity'")  # nobody else beats here
    for name, recurrence, priority, execution, _ in SCHEDULES:
        row = {
            "name": name,
            "recurrence": recurrence,
            "priority": priority,
            "execution": execution,
        }
        session.add("schedule", "id", [row])
    natures = dict(_task(session, random, number) for number in range(tasks))
    return Truth(seed, session.now, natures)


def _task(session: Session, random: Random, number: int) -> tuple[int, Nature]:
    (type_,) = random.choices(list(TYPES), [share for share, _ in TYPES.values()])
    (schedule,) = random.choices(SCHEDULES, [share for *_, share in SCHEDULES])
    is_often = schedule[1].startswith("every")
    (id_,) = session.add(
        "task",
        "id",
        [
            {
                "site": random.choice(SITES)["name"],
                "type": type_,
                "title": f"{schedule[0]} {number}",
                "schedule": schedule[0],
                "datasource": f"data {random.randrange(DATASOURCES)}"
                if type_.endswith("extract")
                else None,
                "max_attempts": random.choice([1, 2, 3]),
            }
        ],
    )
    median = TYPES[type_][1] * (0.2 if is_often else 1.0)
    return id_, Nature(
        seconds=median * random.lognormvariate(0, 0.8),
        noise=random.uniform(0.1, 0.5),
        trend=random.choice([0.0, 0.0, 0.02, -0.01]),
        failure_rate=random.choices([0.0, 0.02, 0.15], [70, 24, 6])[0],
    )
