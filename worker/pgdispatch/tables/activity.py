"""What becomes of what people set up: jobs, history, nodes' processes, and where dispatch looks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Column,
    Double,
    Identity,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, JSONB

from pgdispatch.tables.setup import INSTANT, TEXTS, metadata

generation = Table(
    "generation",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("step", Text),
    Column("open", Integer),
    Column("older", Integer),
    Column("floor_precedence", SmallInteger),
    Column("floor_priority", SmallInteger),
    Column("floor_queued_at", INSTANT),
    Column("floor_type_rank", SmallInteger),
    Column("floor_tie_first", Double),
    Column("floor_tie_second", Double),
    Column("floor_id", BigInteger),
)

due = Table(
    "due",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("due_at", INSTANT),
    Column("has_delayed", Boolean),
    Column("gates", TEXTS),
    Column("passed_over", ARRAY(BigInteger)),
    Column("floor_precedence", SmallInteger),
    Column("floor_priority", SmallInteger),
    Column("floor_queued_at", INSTANT),
    Column("floor_type_rank", SmallInteger),
    Column("floor_tie_first", Double),
    Column("floor_tie_second", Double),
    Column("floor_id", BigInteger),
    Column("paused", TEXTS),
)


def _columns_of_both() -> Iterator[Column[Any]]:
    """Yield what a job has while it is in the queue and keeps in the history."""
    yield from _columns_of_creation()
    yield from _columns_of_order()
    yield from (
        Column("parked_gates", TEXTS),
        Column("promoted_at", INSTANT),
        Column("attempt", Integer),
        Column("losses", Integer),
        Column("failures", Integer),
        Column("last_error", Text),
        Column("node", Text),
        Column("backgrounder", Text),
        Column("asked_at", INSTANT),
        Column("started_at", INSTANT),
        Column("progress", REAL),
        Column("progress_note", Text),
        Column("cancel_requested_at", INSTANT),
        Column("cancelled_by", Text),
        Column("cancel_reason", Text),
        Column("traceparent", Text),
    )


def _columns_of_creation() -> Iterator[Column[Any]]:
    """Yield what a job was created with."""
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
        Column("max_attempts", SmallInteger),
        Column("linked_run", BigInteger),
        Column("step", Integer),
        Column("created_by", Text),
        Column("inserted_by", Text),
        Column("created_at", INSTANT),
        Column("scheduled_at", INSTANT),
        Column("run_now", Boolean),
        Column("is_serial", Boolean),
        Column("usual_seconds", Double),
    )


def _columns_of_order() -> Iterator[Column[Any]]:
    """Yield what places a job in the order, beside its priority and id."""
    yield from (
        Column("precedence", SmallInteger),
        Column("queued_at", INSTANT),
        Column("type_rank", SmallInteger),
        Column("tie_first", Double),
        Column("tie_second", Double),
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

attempt = Table(
    "attempt",
    metadata,
    Column("job", BigInteger),
    Column("attempt", Integer),
    Column("type", Text),
    Column("site", Text),
    Column("title", Text),
    Column("datasource", Text),
    Column("schedule", Text),
    Column("task", BigInteger),
    Column("node", Text),
    Column("backgrounder", Text),
    Column("asked_at", INSTANT),
    Column("started_at", INSTANT),
    Column("ended_at", INSTANT),
    Column("ended_as", Text),
    Column("error", Text),
    Column("log", Text),
    Column("not_before", INSTANT),
    Column("due_at", INSTANT),
)

node_state = Table(
    "node_state",
    metadata,
    Column("node", Text),
    Column("until_at", INSTANT),
    Column("is_up", Boolean),
    Column("backgrounders", Integer),
    Column("types", ARRAY(Text)),
    Column("is_drained", Boolean),
)

retry = Table(
    "retry",
    metadata,
    Column("job", BigInteger, primary_key=True),
    Column("retry_of", BigInteger),
    Column("site", Text),
    Column("retried_at", INSTANT),
)

job_log = Table(
    "job_log",
    metadata,
    Column("written_at", INSTANT),
    Column("job", BigInteger),
    Column("attempt", Integer),
    Column("site", Text),
    Column("first_line", BigInteger),
    Column("last_line", BigInteger),
    Column("lines", Text),
)

application_server = Table(
    "application_server",
    metadata,
    Column("id", Text, primary_key=True),
    Column("node", Text),
    Column("number", Integer),
    Column("pid", Integer),
    Column("address", Text),
    Column("started_at", INSTANT),
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

change = Table(
    "change",
    metadata,
    Column("id", BigInteger),
    Column("changed_at", INSTANT),
    Column("changed_by", Text),
    Column("said_by", Text),
    Column("what", Text),
    Column("kind", Text),
    Column("name", Text),
    Column("site", Text),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("reason", Text),
)

charge = Table(
    "charge",
    metadata,
    Column("site", Text),
    Column("started_at", INSTANT),
    Column("seconds", Double),
    Column("is_sum", Boolean),
)

deferral = Table(
    "deferral",
    metadata,
    Column("gate", Text),
    Column("refill_at", INSTANT),
)

gate_notice = Table(
    "gate_notice",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("gate", Text),
    Column("noticed_at", INSTANT),
)

job = Table(
    "job",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    *_columns_of_both(),
    Column("state", Text),
    Column("generation", Integer),
    Column("gate", Text),
    Column("gates", TEXTS),
    Column("incarnation", Uuid),
    Column("key", Text),
    Column("key_until", Text),
    Column("on_conflict", Text),
)

job_key = Table(
    "job_key",
    metadata,
    Column("job", BigInteger, primary_key=True),
    Column("site", Text),
    Column("key", Text),
    Column("number", Integer),
    Column("until", Text),
    Column("is_kept", Boolean),
    Column("others", ARRAY(BigInteger)),
    Column("inserted_by", Text),
    Column("taken_at", INSTANT),
)

linked_run = Table(
    "linked_run",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("linked_task", BigInteger),
    Column("scheduled_at", INSTANT),
    Column("run_now", Boolean),
    Column("created_by", Text),
    Column("created_at", INSTANT),
    Column("skipped_for", Text),
)

contract_state = Table(
    "contract_state",
    metadata,
    Column("contract", BigInteger, primary_key=True),
    Column("state", Text),
    Column("due", INSTANT),
    Column("changed_at", INSTANT),
    Column("is_told", Boolean),
    Column("calm", Integer),
    Column("calm_at", INSTANT),
    Column("job", BigInteger),
    Column("began_at", INSTANT),
    Column("ended_at", INSTANT),
)

contract_forecast = Table(
    "contract_forecast",
    metadata,
    Column("contract", BigInteger, primary_key=True),
    Column("due", INSTANT, primary_key=True),
    Column("made_at", INSTANT),
    Column("good_until", INSTANT),
    Column("runs", Integer),
    Column("late", Integer),
    Column("early_at", INSTANT),
    Column("median_at", INSTANT),
    Column("late_at", INSTANT),
    Column("beyond", INSTANT),
    Column("job", BigInteger),
    Column("task", BigInteger),
    Column("scheduled_at", INSTANT),
    Column("decided", Integer),
)

notice = Table(
    "notice",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", INSTANT),
    Column("what", Text),
    Column("target", Text),
    Column("text", Text),
    Column("error", Text),
    Column("site", Text),
    Column("type", Text),
    Column("schedule", Text),
    Column("task", BigInteger),
    Column("job", BigInteger),
    Column("node", Text),
    Column("title", Text),
    Column("after", Integer),
    Column("since", INSTANT),
    Column("recovered_at", INSTANT),
    Column("queued_at", INSTANT),
    Column("delivery", BigInteger),
    Column("ended_at", INSTANT),
    Column("outcome", Text),
    Column("delivery_error", Text),
    Column("contract", BigInteger),
    Column("contract_state", Text),
)

notice_look = Table(
    "notice_look",
    metadata,
    Column("is_only", Boolean, primary_key=True),
    Column("looked_at", INSTANT),
    Column("looked_closely_at", INSTANT),
)

occurrence = Table(
    "occurrence",
    metadata,
    Column("task", BigInteger, primary_key=True),
    Column("scheduled_at", INSTANT, primary_key=True),
    Column("skipped_for", Text),
)

suspension = Table(
    "suspension",
    metadata,
    Column("task", BigInteger, primary_key=True),
    Column("failures", Integer),
    Column("job", BigInteger),
    Column("streak_since", INSTANT),
    Column("suspended_at", INSTANT),
)

swept_job = Table(
    "swept_job",
    metadata,
    Column("job", BigInteger),
    Column("gate", Text),
    Column("swept_at", INSTANT),
)

watch = Table(
    "watch",
    metadata,
    Column("is_only", Boolean, primary_key=True),
    Column("since", INSTANT),
    Column("observed_at", INSTANT),
    Column("server_started_at", INSTANT),
)
