"""The views of schema `pgdispatch` as SQLAlchemy Core sees them.

Each answers one question of a person who looks: what waits, what runs, what became of it. Those of
schedules and tasks, and those that look like Tableau Server's repository, stand in modules of their
own and can be imported from here, too.
"""

from __future__ import annotations

from sqlalchemy import REAL, BigInteger, Boolean, Column, Double, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB

from pgdispatch.metadata import INSTANT, TEXTS, metadata
from pgdispatch.plan_views import linked_task_run, schedule_status, task_status
from pgdispatch.tableau_views import (
    background_jobs,
    tableau_background_tasks,
    tableau_schedules,
    tableau_sites,
    tableau_tasks,
)

__all__ = [
    "background_jobs",
    "background_task",
    "delay",
    "linked_task_run",
    "own_job",
    "queue",
    "running",
    "schedule_status",
    "site_usage",
    "status",
    "tableau_background_tasks",
    "tableau_schedules",
    "tableau_sites",
    "tableau_tasks",
    "task_status",
]

background_task = Table(
    "background_task",
    metadata,
    Column("job", BigInteger),
    Column("type", Text),
    Column("site", Text),
    Column("title", Text),
    Column("outcome", Text),
    Column("failed_as", Text),
    Column("error", Text),
    Column("priority", SmallInteger),
    Column("run_now", Boolean),
    Column("backgrounder", Text),
    Column("attempt", Integer),
    Column("created_by", Text),
    Column("created_at", INSTANT),
    Column("scheduled_at", INSTANT),
    Column("started_at", INSTANT),
    Column("ended_at", INSTANT),
    Column("waited_for", INTERVAL),
    Column("ran_for", INTERVAL),
    Column("parked_gates", TEXTS),
    Column("promoted_at", INSTANT),
    Column("datasource", Text),
    Column("schedule", Text),
    Column("task", BigInteger),
    Column("cancelled_by", Text),
    Column("cancel_reason", Text),
    Column("result", JSONB),
    Column("log", Text),
    Column("max_attempts", SmallInteger),
    Column("failures", Integer),
    Column("losses", Integer),
    Column("linked_run", BigInteger),
    Column("step", Integer),
)

delay = Table(
    "delay",
    metadata,
    Column("job", BigInteger),
    Column("schedule", Text),
    Column("task", BigInteger),
    Column("type", Text),
    Column("site", Text),
    Column("title", Text),
    Column("scheduled_at", INSTANT),
    Column("started_at", INSTANT),
    Column("delayed_for", INTERVAL),
    Column("parked_gates", TEXTS),
    Column("ended_at", INSTANT),
)

own_job = Table(
    "own_job",
    metadata,
    Column("job", BigInteger),
    Column("type", Text),
    Column("site", Text),
    Column("title", Text),
    Column("priority", SmallInteger),
    Column("state", Text),
    Column("created_by", Text),
    Column("created_at", INSTANT),
    Column("started_at", INSTANT),
    Column("ended_at", INSTANT),
    Column("progress", REAL),
    Column("error", Text),
    Column("result", JSONB),
)

queue = Table(
    "queue",
    metadata,
    Column("position", BigInteger),
    Column("job", BigInteger),
    Column("type", Text),
    Column("site", Text),
    Column("title", Text),
    Column("priority", SmallInteger),
    Column("run_now", Boolean),
    Column("decided_by", Text),
    Column("reason", Text),
    Column("state", Text),
    Column("datasource", Text),
    Column("schedule", Text),
    Column("task", BigInteger),
    Column("usual_seconds", Double),
    Column("created_by", Text),
    Column("created_at", INSTANT),
    Column("scheduled_at", INSTANT),
    Column("not_before", INSTANT),
    Column("waits_for", INTERVAL),
    Column("failures", Integer),
    Column("last_error", Text),
    Column("linked_run", BigInteger),
    Column("step", Integer),
)

running = Table(
    "running",
    metadata,
    Column("job", BigInteger),
    Column("attempt", Integer),
    Column("backgrounder", Text),
    Column("type", Text),
    Column("site", Text),
    Column("title", Text),
    Column("priority", SmallInteger),
    Column("datasource", Text),
    Column("schedule", Text),
    Column("task", BigInteger),
    Column("started_at", INSTANT),
    Column("runs_for", INTERVAL),
    Column("usually_for", INTERVAL),
    Column("timeout", INTERVAL),
    Column("progress", REAL),
    Column("progress_note", Text),
    Column("cancel_requested_at", INSTANT),
    Column("created_by", Text),
    Column("max_attempts", SmallInteger),
    Column("failures", Integer),
    Column("linked_run", BigInteger),
    Column("step", Integer),
)

site_usage = Table(
    "site_usage",
    metadata,
    Column("site", Text),
    Column("max_running_jobs", Integer),
    Column("running", BigInteger),
    Column("waiting", BigInteger),
    Column("overflow", BigInteger),
    Column("run_now_enabled", Boolean),
    Column("seconds_limit", Integer),
    Column("spent_seconds", Double),
    Column("left_seconds", Double),
    Column("refill_at", INSTANT),
    Column("over_budget", Text),
    Column("deferred", BigInteger),
)

status = Table(
    "status",
    metadata,
    Column("node", Text),
    Column("process", Text),
    Column("backgrounder", Text),
    Column("status", Text),
    Column("pid", Integer),
    Column("address", Text),
    Column("started_at", INSTANT),
    Column("job", BigInteger),
    Column("type", Text),
    Column("site", Text),
    Column("title", Text),
    Column("runs_for", INTERVAL),
    Column("progress", REAL),
    Column("backgrounders", Integer),
    Column("types", TEXTS),
    Column("is_drained", Boolean),
    Column("heartbeat_at", INSTANT),
)
