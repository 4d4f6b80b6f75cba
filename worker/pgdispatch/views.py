"""The views of schema `pgdispatch` as SQLAlchemy Core sees them.

Each answers one question of a person who looks: what waits, what runs, what became of it.
"""

from __future__ import annotations

from sqlalchemy import REAL, BigInteger, Boolean, Column, Double, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB

from pgdispatch.metadata import INSTANT, TEXTS, metadata

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
)

status = Table(
    "status",
    metadata,
    Column("node", Text),
    Column("backgrounder", Text),
    Column("status", Text),
    Column("pid", Integer),
    Column("started_at", INSTANT),
    Column("job", BigInteger),
    Column("type", Text),
    Column("site", Text),
    Column("title", Text),
    Column("runs_for", INTERVAL),
    Column("progress", REAL),
    Column("backgrounders", Integer),
    Column("types", TEXTS),
    Column("heartbeat_at", INSTANT),
)
