"""Whether a database still serves everybody after somebody has written what it let through."""

from __future__ import annotations

from typing import Any

import psycopg

VIEWS = """
select c.oid::regclass::text
from pg_class as c
where c.relnamespace = 'pgdispatch'::regnamespace and c.relkind = 'v'
order by 1
"""
CALLS = (
    "select * from pgdispatch.tick()",
    "select pgdispatch.sweep()",
    "select pgdispatch.declare_lost()",
    "select * from pgdispatch.claim('n:4')",
    "select * from pgdispatch.cluster_metrics('n')",
    "select * from pgdispatch.node_health('n')",
)


def use(connection: psycopg.Connection[Any]) -> None:
    """Look at every view, and do what nodes do all the time; raise what the database raises."""
    for (view,) in connection.execute(VIEWS).fetchall():
        connection.execute(f"select * from {view}".encode())
    for call in CALLS:
        connection.execute(call.encode())
