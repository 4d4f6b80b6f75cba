"""The views that look like Tableau Server's repository, as SQLAlchemy Core sees them.

Their times are UTC without a zone, as there.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, Table, Text, Uuid

from pgdispatch.tables.setup import metadata

UTC = DateTime(timezone=False)

tableau_schedules = Table(
    "_schedules",
    metadata,
    Column("id", BigInteger),
    Column("name", Text),
    Column("active", Boolean),
    Column("priority", Integer),
    Column("schedule_type", Integer),
    Column("day_of_week_mask", Integer),
    Column("day_of_month_mask", Integer),
    Column("start_at_minute", Integer),
    Column("minute_interval", Integer),
    Column("end_at_minute", Integer),
    Column("end_schedule_at", UTC),
    Column("run_next_at", UTC),
    Column("created_at", UTC),
    Column("updated_at", UTC),
    Column("hidden", Boolean),
    Column("serial_collection_id", BigInteger),
    Column("lock_version", Integer),
    Column("scheduled_action", Integer),
    Column("scheduled_action_type", Text),
    Column("luid", Uuid),
)

tableau_sites = Table(
    "_sites",
    metadata,
    Column("id", BigInteger),
    Column("name", Text),
    Column("status", Text),
    Column("url_namespace", Text),
)

tableau_tasks = Table(
    "_tasks",
    metadata,
    Column("id", BigInteger),
    Column("luid", Uuid),
    Column("site_id", BigInteger),
    Column("schedule_id", BigInteger),
    Column("type", Text),
    Column("priority", Integer),
    Column("active", Boolean),
    Column("state", Integer),
    Column("obj_type", Text),
    Column("obj_id", BigInteger),
    Column("title", Text),
    Column("subtitle", Text),
    Column("args", Text),
    Column("consecutive_failure_count", Integer),
    Column("run_count", Integer),
    Column("historical_run_time", Integer),
    Column("historical_queue_time", Integer),
    Column("last_success_completed_at", UTC),
    Column("creator_id", BigInteger),
    Column("created_at", UTC),
    Column("updated_at", UTC),
)

background_jobs = Table(
    "background_jobs",
    metadata,
    Column("id", BigInteger),
    Column("job_type", Text),
    Column("job_name", Text),
    Column("title", Text),
    Column("subtitle", Text),
    Column("args", Text),
    Column("notes", Text),
    Column("progress", Integer),
    Column("finish_code", Integer),
    Column("priority", Integer),
    Column("job_rank", Integer),
    Column("created_at", UTC),
    Column("started_at", UTC),
    Column("completed_at", UTC),
    Column("updated_at", UTC),
    Column("created_on_worker", Text),
    Column("processed_on_worker", Text),
    Column("backgrounder_id", Text),
    Column("serial_collection_id", BigInteger),
    Column("site_id", BigInteger),
    Column("overflow", Boolean),
    Column("promoted_at", UTC),
    Column("task_id", BigInteger),
    Column("run_now", Boolean),
    Column("creator_id", BigInteger),
    Column("attempts_remaining", Integer),
    Column("scheduled_start", UTC),
    Column("correlation_id", BigInteger),
    Column("luid", Uuid),
    Column("link", Text),
    Column("lock_version", Integer),
    Column("language", Text),
    Column("locale", Text),
)

tableau_background_tasks = Table(
    "_background_tasks",
    metadata,
    Column("id", BigInteger),
    Column("created_at", UTC),
    Column("completed_at", UTC),
    Column("finish_code", Integer),
    Column("job_type", Text),
    Column("progress", Integer),
    Column("args", Text),
    Column("notes", Text),
    Column("started_at", UTC),
    Column("job_name", Text),
    Column("priority", Integer),
    Column("title", Text),
    Column("processed_on_worker", Text),
    Column("subtitle", Text),
    Column("language", Text),
    Column("locale", Text),
    Column("site_id", BigInteger),
    Column("backgrounder_id", Text),
)
