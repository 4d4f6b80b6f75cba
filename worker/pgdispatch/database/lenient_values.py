"""Reading whatever the database holds: what Python has nothing for is read as text.

PostgreSQL's calendar goes further than Python's, and has infinity. One odd row is not to hide all
the others.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

import psycopg
from psycopg.abc import Buffer
from psycopg.types.datetime import IntervalLoader, TimestamptzLoader
from psycopg.types.json import set_json_loads

from pgdispatch.database.json_text import read_shallow_json


class _Instant(TimestamptzLoader):
    def load(self, data: Buffer) -> datetime:
        try:
            return super().load(data)
        except psycopg.DataError:
            return cast("datetime", bytes(data).decode())


class _Span(IntervalLoader):
    def load(self, data: Buffer) -> timedelta:
        try:
            return super().load(data)
        except (psycopg.DataError, OverflowError):
            return cast("timedelta", bytes(data).decode())


def read_everything(connection: psycopg.Connection[Any]) -> None:
    """Let a connection return every instant, span and document, the odd ones as text."""
    connection.adapters.register_loader("timestamptz", _Instant)
    connection.adapters.register_loader("interval", _Span)
    set_json_loads(read_shallow_json, connection)
