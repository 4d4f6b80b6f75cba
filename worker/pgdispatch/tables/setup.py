"""The tables that people set up: sites, schedules, tasks, nodes, settings, the schema itself."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Time,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, JSONB, OID

INSTANT = DateTime(timezone=True)
TEXTS = ARRAY(Text)

metadata = MetaData(schema="pgdispatch")

calendar = Table(
    "calendar",
    metadata,
    Column("name", Text, primary_key=True),
    Column("time_zone", Text),
    Column("working_weekdays", TEXTS),
    Column("created_at", INSTANT),
)

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("calendar", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("name", Text),
    Column("is_working", Boolean),
)

closed_window = Table(
    "closed_window",
    metadata,
    Column("name", Text, primary_key=True),
    Column("scope", Text),
    Column("target", Text),
    Column("recurrence", Text),
    Column("lasts", INTERVAL),
    Column("time_zone", Text),
    Column("calendar", Text),
    Column("on_free_day", Text),
    Column("from_at", INSTANT),
    Column("to_at", INSTANT),
    Column("drain_before", INTERVAL),
    Column("run_at_end", Boolean),
    Column("reason", Text),
    Column("enabled", Boolean),
    Column("opens_at", INSTANT),
    Column("closes_at", INSTANT),
    Column("created_by", Text),
    Column("created_at", INSTANT),
    Column("is_confined", Boolean),
)

contract = Table(
    "contract",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", Text),
    Column("site", Text),
    Column("datasource", Text),
    Column("task", BigInteger),
    Column("schedule", Text),
    Column("linked_task", BigInteger),
    Column("types", TEXTS),
    Column("due", Text),
    Column("time_zone", Text),
    Column("calendar", Text),
    Column("since", INTERVAL),
    Column("max_age", INTERVAL),
    Column("warn_chance", Double),
    Column("warn_before", INTERVAL),
    Column("target", Text),
    Column("note", Text),
    Column("enabled", Boolean),
    Column("created_at", INSTANT),
    Column("created_by", Text),
    Column("watched_since", INSTANT),
)

job_type = Table(
    "job_type",
    metadata,
    Column("name", Text, primary_key=True),
    Column("rank", SmallInteger),
    Column("timeout", INTERVAL),
    Column("max_attempts", SmallInteger),
    Column("priority_from", Text),
    Column("default_priority", SmallInteger),
    Column("run_now_first", Boolean),
    Column("description", Text),
    Column("is_built_in", Boolean),
)

pause = Table(
    "pause",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("paused_by", Text),
    Column("reason", Text),
    Column("paused_at", INSTANT),
    Column("until", INSTANT),
    Column("is_confined", Boolean),
)

linked_task = Table(
    "linked_task",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("site", Text),
    Column("title", Text),
    Column("schedule", Text),
    Column("priority", SmallInteger),
    Column("enabled", Boolean),
    Column("created_at", INSTANT),
    Column("enabled_at", INSTANT),
)

linked_task_step = Table(
    "linked_task_step",
    metadata,
    Column("linked_task", BigInteger, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("task", BigInteger),
    Column("stop_on_failure", Boolean),
)

node = Table(
    "node",
    metadata,
    Column("name", Text, primary_key=True),
    Column("backgrounders", Integer),
    Column("application_servers", Integer),
    Column("only_types", TEXTS),
    Column("except_types", TEXTS),
    Column("is_drained", Boolean),
    Column("served_types", TEXTS),
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
    Column("clock_ahead_for", INTERVAL),
    Column("process", Text),
    Column("is_configured", Boolean),
    Column("stopped_at", INSTANT),
    Column("targets", TEXTS),
    Column("drain_ends_at", INSTANT),
    Column("closed_until", INSTANT),
)

notice_rule = Table(
    "notice_rule",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("what", Text),
    Column("target", Text),
    Column("site", Text),
    Column("type", Text),
    Column("schedule", Text),
    Column("after", Integer),
    Column("created_at", INSTANT),
    Column("created_by", Text),
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
    Column("recurrence", Text),
    Column("time_zone", Text),
    Column("missed_runs", Text),
    Column("max_missed_runs", Integer),
    Column("next_run_at", INSTANT),
    Column("last_run_at", INSTANT),
    Column("put_off_until", INSTANT),
    Column("last_error", Text),
    Column("created_at", INSTANT),
    Column("firing_for", ARRAY(INSTANT)),
    Column("fired_task", BigInteger),
    Column("fired_linked_task", BigInteger),
    Column("served_ahead", ARRAY(INSTANT)),
    Column("missed_for", ARRAY(INSTANT)),
    Column("calendar", Text),
    Column("on_free_day", Text),
)

schema_version = Table(
    "schema_version",
    metadata,
    Column("digest", Text),
    Column("package_version", Text),
    Column("installed_at", INSTANT),
    Column("installed_by", Text),
    Column("step", Integer),
    Column("level", Integer),
    Column("oldest_level", Integer),
)

setting = Table(
    "setting",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text),
    Column("description", Text),
    Column("default_value", Text),
)

site = Table(
    "site",
    metadata,
    Column("id", BigInteger, Identity(always=True)),
    Column("name", Text, primary_key=True),
    Column("max_running_jobs", Integer),
    Column("daily_seconds", Integer),
    Column("refill_at", Time),
    Column("time_zone", Text),
    Column("over_budget", Text),
    Column("run_now_enabled", Boolean),
    Column("running_limit", Integer),
    Column("seconds_limit", Integer),
    Column("created_at", INSTANT),
)

site_member = Table(
    "site_member",
    metadata,
    Column("member", Text, primary_key=True),
    Column("site", Text, primary_key=True),
)

site_timeout = Table(
    "site_timeout",
    metadata,
    Column("site", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("timeout", INTERVAL),
)

site_type = Table(
    "site_type",
    metadata,
    Column("site", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("rank", SmallInteger),
    Column("timeout", INTERVAL),
    Column("max_attempts", SmallInteger),
    Column("priority_from", Text),
    Column("default_priority", SmallInteger),
    Column("run_now_first", Boolean),
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
    Column("max_attempts", SmallInteger),
    Column("enabled", Boolean),
    Column("created_at", INSTANT),
    Column("enabled_at", INSTANT),
    Column("history_since", INSTANT),
    Column("streak_since", INSTANT),
)

token = Table(
    "token",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", Text),
    Column("login", Text),
    Column("login_oid", OID),
    Column("hash", LargeBinary),
    Column("created_by", Text),
    Column("created_at", INSTANT),
    Column("ends_at", INSTANT),
    Column("revoked_at", INSTANT),
    Column("revoked_by", Text),
    Column("last_used_at", INSTANT),
)
