"""The views of schedules, tasks and linked tasks as SQLAlchemy Core sees them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL

from pgdispatch.metadata import INSTANT, metadata

INSTANTS = ARRAY(INSTANT)

linked_task_run = Table(
    "linked_task_run",
    metadata,
    Column("run", BigInteger),
    Column("linked_task", BigInteger),
    Column("title", Text),
    Column("scheduled_at", INSTANT),
    Column("run_now", Boolean),
    Column("created_by", Text),
    Column("created_at", INSTANT),
    Column("skipped_for", Text),
    Column("step", Integer),
    Column("task", BigInteger),
    Column("task_title", Text),
    Column("state", Text),
    Column("job", BigInteger),
    Column("started_at", INSTANT),
    Column("ended_at", INSTANT),
)

schedule_status = Table(
    "schedule_status",
    metadata,
    Column("schedule", Text),
    Column("priority", SmallInteger),
    Column("execution", Text),
    Column("enabled", Boolean),
    Column("recurrence", Text),
    Column("time_zone", Text),
    Column("missed_runs", Text),
    Column("next_run_at", INSTANT),
    Column("next_runs", INSTANTS),
    Column("tasks", BigInteger),
    Column("linked_tasks", BigInteger),
    Column("suspended", BigInteger),
    Column("last_run_at", INSTANT),
    Column("last_error", Text),
    Column("served_ahead", INSTANTS),
)

task_status = Table(
    "task_status",
    metadata,
    Column("task", BigInteger),
    Column("title", Text),
    Column("site", Text),
    Column("type", Text),
    Column("schedule", Text),
    Column("priority", SmallInteger),
    Column("datasource", Text),
    Column("enabled", Boolean),
    Column("failures", Integer),
    Column("suspended_at", INSTANT),
    Column("suspended_by", BigInteger),
    Column("usually_for", INTERVAL),
    Column("job", BigInteger),
    Column("job_state", Text),
    Column("next_run_at", INSTANT),
    Column("last_job", BigInteger),
    Column("last_outcome", Text),
    Column("last_error", Text),
    Column("last_ended_at", INSTANT),
)
