"""The demo's tasks and jobs: every type, different priorities, and something at every gate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from pgdispatch.demo import demo_sql

BROKEN = "Broken alert"
VICTIM = "All flights"
ON_DEMAND = ("Report on demand", "Airlines on demand")


@dataclass(frozen=True)
class Work:
    """One task, or one job without a task. `definition` names an entry of the catalogue."""

    type: str
    title: str
    site: str = "globex"
    schedule: str | None = None
    definition: str | None = None
    locks: bool = False
    priority: int | None = None
    args: dict[str, str] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """Return it as the parameters of the statements that insert it."""
        definition = self.definition or self.title
        args = {} if self.type == "system" else {"definition": definition}
        datasource = definition if self.locks else None
        return {**asdict(self), "datasource": datasource, "args": Jsonb(args)}


FIRST_LOAD = (
    Work("extract_creation", "Create flight log", "globex", "first load", "Flight log", True),
    Work("extract_creation", "Create weather log", "acme", "first load", "Weather log", True),
    Work("full_extract", "First airports", "globex", "first load", "Airports", True),
    Work("system", "First clean-up", "acme", "first load"),
)
TASKS = (
    Work("flow", "Flights and weather", "globex", "morning"),
    Work("flow", "Fleet use", "acme", "morning"),
    Work("alert", "Late departures", "globex", "morning"),
    Work("alert", "No wind", "acme", "hourly"),
    Work("alert", BROKEN, "globex", "watch"),
    Work("system", "Clean-up", "globex", "hourly"),
    Work("subscription", "Carrier report", "globex", "morning"),
    Work("subscription", "Airport report", "acme", "hourly"),
    Work("subscription", "Report for one reader", "globex", "for one reader", "Carrier report"),
    Work("incremental_extract", "Flight log: new rows", "globex", "morning", "Flight log", True),
    Work("incremental_extract", "Weather log: new rows", "acme", "morning", "Weather log", True),
    Work("full_extract", "Flight log: rebuild", "globex", "morning", "Flight log", True),
    Work("full_extract", "Weather log: rebuild", "acme", "morning", "Weather log", True),
    Work("full_extract", "Newark", "globex", "night chain", "Newark", True),
    Work("full_extract", "Kennedy", "globex", "night chain", "Kennedy", True),
    Work("full_extract", "LaGuardia", "acme", "night chain", "LaGuardia", True),
    Work("full_extract", "Delays by carrier", "globex", "night chain", locks=True),
    Work("full_extract", "Delays by hour", "acme", "night chain", locks=True),
    Work("full_extract", "Planes", "acme", "hourly", "Planes", True),
    Work("full_extract", "Airports", "globex", "hourly", "Airports", True, priority=70),
    Work("full_extract", "Airlines", "acme", "hourly", "Airlines", True),
    Work("full_extract", "Busiest routes", "globex", "hourly", "Busiest routes", True),
)
QUARTERS = (
    Work("alert", "Lateness, quarterly", "globex", "quarters", "Late departures"),
    Work("system", "Clean-up, quarterly", "acme", "quarters"),
)
STEPS = (
    Work("flow", "Step 1: weather", definition="Flights and weather"),
    Work("flow", "Step 2: fleet use", definition="Fleet use"),
)
LINKED = Work("flow", "Flights, then fleet", schedule="morning")
JOBS = (
    Work("full_extract", VICTIM, "globex", definition="All flights", locks=True, priority=15),
    Work("full_extract", "Planes for a partner", "globex", definition="Planes", priority=90),
    Work("full_extract", "Planes again", "acme", None, "Planes", True, priority=25),
    Work("alert", "Late departures, asked", "globex", None, "Late departures", priority=3),
    Work("subscription", "Airport report, asked", "acme", None, "Airport report", priority=45),
    Work("system", "Clean-up, asked", "globex", priority=100),
    Work("system", "Clean-up, asked again", "acme", priority=1),
    Work("flow", "Fleet use, asked", "globex", definition="Fleet use"),
    Work("full_extract", "Busiest routes, asked", "globex", None, "Busiest routes", True, 35),
    Work("incremental_extract", "Flight log, asked", "globex", None, "Flight log", True, 50),
)
LATE_JOBS = (
    Work("system", "Clean-up, late", "globex", priority=2),
    Work("full_extract", "Airports, late", "acme", None, "Airports", True, priority=22),
    Work("full_extract", "Airports, late too", "acme", None, "Airports", True, priority=21),
    Work("alert", "No wind, late", "acme", definition="No wind", priority=80),
    Work("subscription", "Carrier report, late", "globex", None, "Carrier report", priority=60),
    Work("flow", "Fleet use, late", "globex", definition="Fleet use", priority=95),
)
BY_HAND = (
    Work("subscription", ON_DEMAND[0], "globex", definition="Report on demand"),
    Work("full_extract", ON_DEMAND[1], "globex", definition="Airlines"),
)
SCHEDULES = ("morning", "hourly", "night chain", "for one reader", "watch")


def set_up(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Add sites, schedules and tasks; return the ids of the tasks that are started by hand.

    One schedule recurs, and its last time is left as if nothing had been up to serve it.

    Transaction: joins the caller's; commits nothing.
    """
    connection.execute(demo_sql.SET_UP)
    ids = {}
    for work in (*FIRST_LOAD, *TASKS, *BY_HAND, *QUARTERS, *STEPS):
        row = connection.execute(demo_sql.ADD_TASK, work.values()).fetchone()
        if row is not None:
            ids[work.title] = row[0]
    for (linked,) in connection.execute(demo_sql.ADD_LINKED_TASK, LINKED.values()).fetchall():
        for step in STEPS:
            connection.execute(demo_sql.ADD_STEP, [linked, ids[step.title], linked])
    connection.execute(demo_sql.MISS_A_RUN)
    return {title: ids[title] for title in ON_DEMAND}


def insert_jobs(connection: psycopg.Connection[Any], jobs: Iterable[Work]) -> None:
    """Insert jobs as another application would: rows into `pgdispatch.job`.

    Transaction: joins the caller's; commits nothing.
    """
    for work in jobs:
        connection.execute(demo_sql.INSERT_JOBS, work.values())
