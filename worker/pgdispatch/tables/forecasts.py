"""What is expected of the coming hours, and what became of it: tables and views."""

from __future__ import annotations

from sqlalchemy import REAL, BigInteger, Boolean, Column, Double, Integer, Table, Text
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB

from pgdispatch.tables.setup import INSTANT, metadata

forecast_check = Table(
    "forecast_check",
    metadata,
    Column("made_at", INSTANT),
    Column("job", BigInteger),
    Column("task", BigInteger),
    Column("scheduled_at", INSTANT),
    Column("site", Text),
    Column("state", Text),
    Column("due", REAL),
    Column("until", REAL),
    Column("starts_early", REAL),
    Column("starts", REAL),
    Column("starts_late", REAL),
    Column("starts_widened", REAL),
    Column("ends_early", REAL),
    Column("ends", REAL),
    Column("ends_late", REAL),
    Column("ends_widened", REAL),
    Column("skipped_chance", REAL),
    Column("late_chance", REAL),
    Column("late_after", REAL),
    Column("known_at", INSTANT),
    Column("started", REAL),
    Column("ended", REAL),
    Column("was_skipped", Boolean),
    Column("was_disturbed", Boolean),
)

forecast_job = Table(
    "forecast_job",
    metadata,
    Column("job", BigInteger),
    Column("task", BigInteger),
    Column("scheduled_at", INSTANT),
    Column("type", Text),
    Column("site", Text),
    Column("schedule", Text),
    Column("linked_task", BigInteger),
    Column("state", Text),
    Column("starts_early_at", INSTANT),
    Column("starts_at", INSTANT),
    Column("starts_late_at", INSTANT),
    Column("ends_early_at", INSTANT),
    Column("ends_at", INSTANT),
    Column("ends_late_at", INSTANT),
    Column("skipped_chance", REAL),
    Column("late_chance", REAL),
    Column("beyond", Text),
)

forecast_load = Table(
    "forecast_load",
    metadata,
    Column("at", INSTANT, primary_key=True),
    Column("busy", REAL),
    Column("busy_high", REAL),
    Column("waiting", REAL),
    Column("waiting_high", REAL),
    Column("backgrounders", Integer),
    Column("runs", Integer),
)

forecast_look = Table(
    "forecast_look",
    metadata,
    Column("is_only", Boolean, primary_key=True),
    Column("looked_at", INSTANT),
)

forecast_schedule = Table(
    "forecast_schedule",
    metadata,
    Column("schedule", Text),
    Column("scheduled_at", INSTANT),
    Column("site", Text),
    Column("jobs", Integer),
    Column("starts_early_at", INSTANT),
    Column("starts_at", INSTANT),
    Column("starts_late_at", INSTANT),
    Column("ends_early_at", INSTANT),
    Column("ends_at", INSTANT),
    Column("ends_late_at", INSTANT),
    Column("late_chance", REAL),
    Column("last_task", BigInteger),
    Column("last_job", BigInteger),
    Column("last_chance", REAL),
)

forecast_state = Table(
    "forecast_state",
    metadata,
    Column("is_only", Boolean, primary_key=True),
    Column("number", BigInteger),
    Column("node", Text),
    Column("began_at", INSTANT),
    Column("ended_at", INSTANT),
    Column("period", INTERVAL),
    Column("problem", Text),
    Column("made_at", INSTANT),
    Column("until", INSTANT),
    Column("runs", Integer),
    Column("seconds", REAL),
    Column("checked_at", INSTANT),
    Column("calibration", JSONB),
)

forecast = Table(
    "forecast",
    metadata,
    Column("job", BigInteger),
    Column("task", BigInteger),
    Column("scheduled_at", INSTANT),
    Column("type", Text),
    Column("site", Text),
    Column("title", Text),
    Column("schedule", Text),
    Column("linked_task", BigInteger),
    Column("state", Text),
    Column("starts_early_at", INSTANT),
    Column("starts_at", INSTANT),
    Column("starts_late_at", INSTANT),
    Column("ends_early_at", INSTANT),
    Column("ends_at", INSTANT),
    Column("ends_late_at", INSTANT),
    Column("skipped_chance", REAL),
    Column("late_chance", REAL),
    Column("beyond", Text),
    Column("made_at", INSTANT),
    Column("until", INSTANT),
    Column("runs", Integer),
)

forecast_quality = Table(
    "forecast_quality",
    metadata,
    Column("state", Text),
    Column("lead", Text),
    Column("n", BigInteger),
    Column("median_error_seconds", Double),
    Column("median_wait_seconds", Double),
    Column("held", Double),
    Column("said_late", Double),
    Column("was_late", Double),
)

load_ahead = Table(
    "load_ahead",
    metadata,
    Column("at", INSTANT),
    Column("busy", REAL),
    Column("busy_high", REAL),
    Column("waiting", REAL),
    Column("waiting_high", REAL),
    Column("backgrounders", Integer),
    Column("runs", Integer),
    Column("made_at", INSTANT),
)

schedule_forecast = Table(
    "schedule_forecast",
    metadata,
    Column("schedule", Text),
    Column("scheduled_at", INSTANT),
    Column("site", Text),
    Column("jobs", Integer),
    Column("starts_early_at", INSTANT),
    Column("starts_at", INSTANT),
    Column("starts_late_at", INSTANT),
    Column("ends_early_at", INSTANT),
    Column("ends_at", INSTANT),
    Column("ends_late_at", INSTANT),
    Column("late_chance", REAL),
    Column("last_task", BigInteger),
    Column("last_job", BigInteger),
    Column("last_title", Text),
    Column("last_chance", REAL),
    Column("made_at", INSTANT),
    Column("until", INSTANT),
    Column("runs", Integer),
)
