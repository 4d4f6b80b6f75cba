"""Where dispatch looks for ready jobs, as a table; see sql/tables/generation.sql."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Identity, Integer, SmallInteger, Table, Text

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
