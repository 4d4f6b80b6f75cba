"""Where dispatch looks for jobs, as tables; see sql/tables/generation.sql and due.sql."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Double,
    Identity,
    Integer,
    SmallInteger,
    Table,
    Text,
)

from pgdispatch.plan import INSTANT, metadata

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
    Column("gates", ARRAY(Text)),
    Column("passed_over", ARRAY(BigInteger)),
    Column("floor_precedence", SmallInteger),
    Column("floor_priority", SmallInteger),
    Column("floor_queued_at", INSTANT),
    Column("floor_type_rank", SmallInteger),
    Column("floor_tie_first", Double),
    Column("floor_tie_second", Double),
    Column("floor_id", BigInteger),
)
