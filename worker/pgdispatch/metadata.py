"""The tables of schema `pgdispatch` as SQLAlchemy Core sees them; the views are in `views`.

For building statements: `select(metadata.job).where(metadata.job.c.site == "default")`. The SQL
files stay the truth; nothing is ever created from these objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Identity,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, JSONB

INSTANT = DateTime(timezone=True)
TEXTS = ARRAY(Text)

metadata = MetaData(schema="pgdispatch")


def _columns_of_both() -> Iterator[Column[Any]]:
    """Yield what a job has while it is in the queue and keeps in the history."""
    yield from (
        Column("type", Text),
        Column("site", Text),
        Column("title", Text),
        Column("datasource", Text),
        Column("schedule", Text),
        Column("task", BigInteger),
        Column("priority", SmallInteger),
        Column("args", JSONB),
        Column("not_before", INSTANT),
        Column("timeout", INTERVAL),
        Column("created_by", Text),
        Column("inserted_by", Text),
        Column("created_at", INSTANT),
        Column("scheduled_at", INSTANT),
        Column("run_now", Boolean),
        Column("is_serial", Boolean),
        Column("usual_seconds", Double),
        Column("precedence", SmallInteger),
        Column("queued_at", INSTANT),
        Column("type_rank", SmallInteger),
        Column("tie_first", Double),
        Column("tie_second", Double),
        Column("parked_gates", TEXTS),
        Column("promoted_at", INSTANT),
        Column("attempt", Integer),
        Column("losses", Integer),
        Column("node", Text),
        Column("backgrounder", Text),
        Column("asked_at", INSTANT),
        Column("started_at", INSTANT),
        Column("progress", REAL),
        Column("progress_note", Text),
        Column("cancel_requested_at", INSTANT),
        Column("cancelled_by", Text),
        Column("cancel_reason", Text),
    )


job_history = Table(
    "job_history",
    metadata,
    Column("id", BigInteger),
    *_columns_of_both(),
    Column("ended_at", INSTANT),
    Column("outcome", Text),
    Column("failed_as", Text),
    Column("error", Text),
    Column("result", JSONB),
    Column("log", Text),
)

backgrounder = Table(
    "backgrounder",
    metadata,
    Column("id", Text, primary_key=True),
    Column("node", Text),
    Column("number", Integer),
    Column("pid", Integer),
    Column("started_at", INSTANT),
)

job = Table(
    "job",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    *_columns_of_both(),
    Column("state", Text),
    Column("gate", Text),
    Column("gates", TEXTS),
)

job_type = Table(
    "job_type",
    metadata,
    Column("name", Text, primary_key=True),
    Column("rank", SmallInteger),
    Column("timeout", INTERVAL),
    Column("priority_from", Text),
    Column("default_priority", SmallInteger),
    Column("run_now_first", Boolean),
    Column("description", Text),
)

node = Table(
    "node",
    metadata,
    Column("name", Text, primary_key=True),
    Column("backgrounders", Integer),
    Column("types", TEXTS),
    Column("processors", Integer),
    Column("host", Text),
    Column("pid", Integer),
    Column("package_version", Text),
    Column("incarnation", Uuid),
    Column("started_at", INSTANT),
    Column("heartbeat_at", INSTANT),
    Column("is_idle", Boolean),
    Column("created_at", INSTANT),
)

occurrence = Table(
    "occurrence",
    metadata,
    Column("task", BigInteger, primary_key=True),
    Column("scheduled_at", INSTANT, primary_key=True),
    Column("skipped", Boolean),
)

schedule = Table(
    "schedule",
    metadata,
    Column("id", BigInteger, Identity(always=True)),
    Column("name", Text, primary_key=True),
    Column("priority", SmallInteger),
    Column("execution", Text),
    Column("is_custom", Boolean),
    Column("enabled", Boolean),
    Column("created_at", INSTANT),
)

schema_version = Table(
    "schema_version",
    metadata,
    Column("digest", Text),
    Column("package_version", Text),
    Column("installed_at", INSTANT),
    Column("installed_by", Text),
)

setting = Table(
    "setting",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text),
    Column("description", Text),
)

site = Table(
    "site",
    metadata,
    Column("id", BigInteger, Identity(always=True)),
    Column("name", Text, primary_key=True),
    Column("max_running_jobs", Integer),
    Column("run_now_enabled", Boolean),
    Column("created_at", INSTANT),
)

swept_job = Table(
    "swept_job",
    metadata,
    Column("job", BigInteger),
    Column("gate", Text),
    Column("swept_at", INSTANT),
)

task = Table(
    "task",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("site", Text),
    Column("type", Text),
    Column("title", Text),
    Column("schedule", Text),
    Column("priority", SmallInteger),
    Column("datasource", Text),
    Column("args", JSONB),
    Column("timeout", INTERVAL),
    Column("enabled", Boolean),
    Column("created_at", INSTANT),
    Column("enabled_at", INSTANT),
    Column("history_since", INSTANT),
)

watch = Table(
    "watch",
    metadata,
    Column("is_only", Boolean, primary_key=True),
    Column("since", INSTANT),
    Column("observed_at", INSTANT),
)
